//! A delivery receipt as a gateway sends it: fields from wherever it puts them, read as the settings say.

use std::collections::BTreeMap;

use actix_web::web;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;
use uuid::Uuid;

use crate::config::SmsReceiptConfig;
use crate::error::{AppError, Said};
use crate::http::body::from_json;
use crate::schema::notice_receipts;

/// The longest body of a receipt, in bytes.
pub const LONGEST: usize = 16 * 1024;
const LONGEST_CODE: usize = 64;
const LONGEST_REFERENCE: usize = 200;

/// A receipt as it came.
#[derive(Debug, Clone, PartialEq, Eq, Insertable)]
#[diesel(table_name = notice_receipts)]
pub struct NewReceipt {
    id: Uuid,
    gateway: String,
    gateway_ref: Option<String>,
    notice_id: Option<Uuid>,
    code: String,
    received_at: DateTime<Utc>,
}

/// Finds in a gateway's fields what the settings say is where.
///
/// # Errors
/// [`AppError::Invalid`] when it names no message or says nothing of it.
pub fn read(
    config: &SmsReceiptConfig,
    fields: &BTreeMap<String, String>,
    now: DateTime<Utc>,
) -> Result<NewReceipt, AppError> {
    let field = |name: &str, longest: usize| {
        let value: String = fields.get(name)?.chars().filter(|c| *c != '\0').take(longest).collect();
        (!value.is_empty()).then_some(value)
    };
    let gateway_ref = field(&config.reference, LONGEST_REFERENCE);
    let notice_id = field(&config.id, LONGEST_CODE).and_then(|id| id.parse().ok());
    let code = field(&config.code, LONGEST_CODE);
    match code {
        Some(code) if gateway_ref.is_some() || notice_id.is_some() => Ok(NewReceipt {
            id: Uuid::now_v7(),
            gateway: "sms".to_owned(),
            gateway_ref,
            notice_id,
            code,
            received_at: now,
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
        let object: BTreeMap<String, Value> = from_json(body)?;
        fields.extend(object.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        }));
    } else {
        fields.extend(of_form(&String::from_utf8_lossy(body))?);
    }
    Ok(fields)
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
