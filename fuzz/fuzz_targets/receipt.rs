//! Delivery receipts as query, form and JSON.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use motcua::config::ReceiptConfig;
use motcua::domain::notice::Proof;
use motcua::notices::receipt::{self, Source};
use motcua_fuzz::now;

static CONFIG: LazyLock<ReceiptConfig> = LazyLock::new(|| ReceiptConfig {
    id: "id".to_owned(),
    reference: "a.reference".to_owned(),
    code: vec!["status".to_owned(), "b.code".to_owned()],
    price: "price".to_owned(),
    ..ReceiptConfig::default()
});

fuzz_target!(|input: (&str, u8, &[u8])| {
    let (query, kind, body) = input;
    let kind = [None, Some("application/json"), Some("application/x-www-form-urlencoded")][usize::from(kind % 3)];
    if let Ok(fields) = receipt::fields(query, kind, body) {
        let _ = receipt::read(&CONFIG, &fields, &Source { gateway: "sms", proof: Proof::Secret, now: now() });
    }
});
