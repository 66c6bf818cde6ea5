//! Delivery receipts as query, form and JSON.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::notices::receipt;
use motcua_fuzz::{OFFICE, now};

fuzz_target!(|input: (&str, u8, &[u8])| {
    let (query, kind, body) = input;
    let kind = [None, Some("application/json"), Some("application/x-www-form-urlencoded")][usize::from(kind % 3)];
    if let Ok(fields) = receipt::fields(query, kind, body) {
        let _ = receipt::read(&OFFICE.config.sms.receipt, &fields, now());
    }
});
