//! A delivery receipt as a gateway sends it: fields from wherever it puts them, read as the settings say.

use std::collections::BTreeMap;

use actix_web::web;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::config::ReceiptConfig;
use crate::domain::cost::Vnd;
use crate::domain::notice::Proof;
use crate::error::{AppError, Said};
use crate::http::body::from_json;
use crate::schema::notice_receipts;

/// The longest body of a receipt, in bytes.
pub const LONGEST: usize = 16 * 1024;
const LONGEST_CODE: usize = 64;
const LONGEST_REFERENCE: usize = 200;
/// Fields of an object in an object are named with a point between; deeper ones tell nothing.
const DEEPEST: usize = 4;

/// A receipt as it came.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = notice_receipts)]
pub struct NewReceipt {
    pub(super) id: Uuid,
    pub(super) gateway: String,
    pub(super) gateway_ref: Option<String>,
    pub(super) notice_id: Option<Uuid>,
    pub(super) code: String,
    pub(super) received_at: DateTime<Utc>,
    pub(super) proof: Proof,
    pub(super) price: Option<String>,
}

/// Whose receipt it is, when it came, and by what it is known to be genuine.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    /// The gateway.
    pub gateway: &'a str,
    /// The proof.
    pub proof: Proof,
    /// When it came.
    pub now: DateTime<Utc>,
}

/// Whether what came is a receipt: some gateways tell other news at the same address.
pub fn is_one(config: &ReceiptConfig, fields: &BTreeMap<String, String>) -> bool {
    config.needs.iter().all(|name| fields.get(name).is_some_and(|value| !value.is_empty()))
}

/// Finds in a gateway's fields what its description says is where.
///
/// # Errors
/// [`AppError::Invalid`] when it names no message or says nothing of it.
pub fn read(
    config: &ReceiptConfig,
    fields: &BTreeMap<String, String>,
    source: &Source<'_>,
) -> Result<NewReceipt, AppError> {
    let field = |name: &str, longest: usize| {
        let value: String = fields.get(name)?.chars().filter(|c| *c != '\0').take(longest).collect();
        (!value.is_empty()).then_some(value)
    };
    let gateway_ref = field(&config.reference, LONGEST_REFERENCE);
    let notice_id = field(&config.id, LONGEST_CODE).and_then(|id| id.parse().ok());
    let codes: Vec<Option<String>> = config.code.iter().map(|name| field(name, LONGEST_CODE)).collect();
    let code = codes.iter().any(Option::is_some).then(|| {
        let parts: Vec<&str> = codes.iter().map(|part| part.as_deref().unwrap_or("")).collect();
        parts.join("/")
    });
    match code {
        Some(code) if gateway_ref.is_some() || notice_id.is_some() => Ok(NewReceipt {
            id: Uuid::now_v7(),
            gateway: source.gateway.to_owned(),
            gateway_ref,
            notice_id,
            code,
            received_at: source.now,
            proof: source.proof,
            price: field(&config.price, LONGEST_CODE).filter(|text| Vnd::read(text).is_some()),
        }),
        _ => Err(AppError::invalid(
            "",
            Said::new(
                "unreadable_receipt",
                "Báo phát thiếu mã thông báo hoặc mã trạng thái",
                "The receipt lacks a message's number or a code",
            ),
        )),
    }
}

/// Returns the fields of a receipt: of the query, and of a form or a JSON object in the body.
///
/// # Errors
/// [`AppError::Malformed`] or [`AppError::Invalid`] for what is neither.
pub fn fields(query: &str, kind: Option<&str>, body: &[u8]) -> Result<BTreeMap<String, String>, AppError> {
    let mut fields = of_form(query)?;
    if kind.is_some_and(|kind| kind.starts_with("application/json")) {
        let object: serde_json::Map<String, Value> = from_json(body)?;
        gather(&object, "", DEEPEST, &mut fields);
    } else {
        fields.extend(of_form(&String::from_utf8_lossy(body))?);
    }
    Ok(fields)
}

fn gather(object: &serde_json::Map<String, Value>, above: &str, deepest: usize, fields: &mut BTreeMap<String, String>) {
    for (name, value) in object {
        let name = format!("{above}{name}");
        match value {
            Value::String(text) => drop(fields.insert(name, text.clone())),
            Value::Number(number) => drop(fields.insert(name, number.to_string())),
            Value::Object(inner) if deepest > 1 => gather(inner, &format!("{name}."), deepest - 1, fields),
            _ => {}
        }
    }
}

fn of_form(text: &str) -> Result<BTreeMap<String, String>, AppError> {
    web::Query::<Vec<(String, String)>>::from_query(text).map(|pairs| pairs.into_inner().into_iter().collect()).map_err(
        |err| {
            AppError::Malformed(Said::new(
                "malformed_form",
                "Nội dung không phải biểu mẫu hợp lệ",
                format!("The content is not a valid form: {err}"),
            ))
        },
    )
}
