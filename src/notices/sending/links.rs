//! Keeps the links to SMS centres open, and writes down the receipts that come over them: a centre is told that it need not
//! bring one again when it is kept.

use diesel::PgConnection;
use uuid::Uuid;

use super::super::receipt::NewReceipt;
use super::super::receipts;
use super::gateway::Gateway;
use crate::domain::notice::Proof;
use crate::error::AppError;
use crate::platform::db::Scope;
use crate::platform::gateways::{Delivered, SmppReceipt};
use crate::state::AppState;

/// Opens each link that is lost, if it is time, and keeps what came; returns how many receipts.
///
/// # Errors
/// Whatever the database says; then the centres bring the receipts again.
pub async fn tick(state: &AppState, gateways: &[Gateway]) -> Result<usize, AppError> {
    let mut kept = 0;
    for gateway in gateways {
        let Some(smpp) = gateway.smpp() else { continue };
        if let Some(wait) = smpp.wait_for_link().await {
            tracing::debug!(gateway = gateway.name(), ?wait, "no link yet");
        }
        kept += keep(state, gateway.name(), smpp.take_receipts()).await?;
    }
    Ok(kept)
}

async fn keep(state: &AppState, gateway: &str, delivered: Vec<Delivered>) -> Result<usize, AppError> {
    if delivered.is_empty() {
        return Ok(0);
    }
    let said: Vec<SmppReceipt> = delivered.iter().map(|one| one.receipt.clone()).collect();
    let (name, clock) = (gateway.to_owned(), state.clock.clone());
    let work = move |conn: &mut PgConnection| {
        let now = clock.database_now(conn)?;
        for receipt in said {
            let receipt = NewReceipt {
                id: Uuid::now_v7(),
                gateway: name.clone(),
                gateway_ref: Some(receipt.reference),
                notice_id: None,
                code: receipt.code,
                received_at: now,
                // The link was opened by our password.
                proof: Proof::Secret,
                price: None,
            };
            receipts::keep(conn, &receipt)?;
        }
        Ok::<_, AppError>(())
    };
    state.db.tx(&Scope::system(), work).await?;
    for one in &delivered {
        one.acknowledge().await;
    }
    Ok(delivered.len())
}
