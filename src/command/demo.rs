//! What `motcua serve --demo` prepares and prints: a province, accounts, and three lines to try.

use std::net::SocketAddr;
use std::path::Path;

use chrono::{DateTime, Utc};
use secrecy::ExposeSecret;

use crate::app::data_path;
use crate::catalogue::import::{self, DryRun};
use crate::domain::role::Role;
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::staff::demo::{self, DemoAccount};
use crate::state::AppState;

/// Loads the demo province where there is none yet and makes an account for each role; what is there stays, also what was
/// decided on units or saved of processes since.
///
/// # Errors
/// A province that can't be loaded, or accounts that can't be made.
pub fn prepare(state: &AppState, province: &Path) -> anyhow::Result<Vec<DemoAccount>> {
    let is_empty = state.db.read_here(&Scope::system(), |conn| {
        let office = state.office.in_force(conn)?;
        Ok(office.catalogue.units().is_empty())
    })?;
    if is_empty {
        let report = import::run(state, province, DryRun::No, &Progress::new("demo province", 0))?;
        tracing::info!(changes = report.changes.len(), "the demo province was loaded: {} rows", report.changes.len());
    }
    let accounts = demo::make_accounts(state, state.clock.now(), &data_path(&state.config, "demo-accounts.json"))?;
    Ok(accounts)
}

/// Prints the addresses, the accounts, and three lines that receive a dossier, finish it and show it.
///
/// # Errors
/// Accounts that can't log in.
pub fn print(
    state: &AppState,
    now: DateTime<Utc>,
    address: SocketAddr,
    accounts: &[DemoAccount],
) -> anyhow::Result<()> {
    let dir = std::path::absolute(&state.config.data.dir)?;
    let clerk = demo::token(state, now, Role::Clerk)?;
    let leader = demo::token(state, now, Role::Leader)?;
    let (clerk, leader) = (bearer(&clerk), bearer(&leader));
    let api = format!("http://{address}/api/v1");
    let file = dir.join("first-dossier.json").display().to_string();
    let code = format!("$(grep -o '\"code\":\"[^\"]*' '{file}' | head -n 1 | cut -d '\"' -f 4)");
    println!("\nmotcua đang chạy · is running");
    println!("  API          {api}");
    println!("  thử API      http://{address}/docs");
    println!("  tình trạng   http://{address}/health/ready\n");
    println!("Tài khoản · accounts ({}):", dir.join("demo-accounts.json").display());
    for DemoAccount { username, password, totp_secret, unit_code, .. } in accounts {
        let secret = totp_secret.as_ref().map_or("", |secret| secret.expose_secret());
        println!("  {username:<14} {}   {unit_code:<10} {secret}", password.expose_secret());
    }
    println!("  (cột cuối: khóa cho ứng dụng xác thực · last column: the key for an authenticator app)");
    println!("\nThử ba dòng này · try these three lines:\n");
    println!(
        "curl -sS -X POST {api}/dossiers -H '{clerk}' -H 'Content-Type: application/json' -d '{BODY}' | tee '{file}'; echo\n"
    );
    println!(
        "curl -sS -X POST \"{api}/dossiers/{code}/actions/transfer\" -H '{clerk}' -o /dev/null && \
         curl -sS -X POST \"{api}/dossiers/{code}/actions/finish\" -H '{leader}' -H 'Content-Type: application/json' \
         -d '{{\"result\":\"granted\",\"at_counter\":true}}'; echo\n"
    );
    println!("curl -sS \"{api}/public/dossiers/{code}\"; echo\n");
    Ok(())
}

const BODY: &str = concat!(
    r#"{"procedure_code":"2.002516","unit_code":"H21.16","#,
    r#""applicant":{"name":"Nguyễn Thị Ánh","id_number":"052190000123","phone":"0905123456","email":"anh@example.vn"},"#,
    r#""papers":[{"name":"Tờ khai","kind":"original","quantity":1}]}"#
);

fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}
