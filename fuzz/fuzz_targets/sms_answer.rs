//! Answers of SMS gateways.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use motcua::platform::sms::answer::{Answer, Marks};
use motcua_fuzz::OFFICE;

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let mut config = OFFICE.config.sms.clone();
    config.success_contains = "\"ok\"".to_owned();
    config.refused_contains = vec!["\"no\"".to_owned()];
    config.account_contains = vec!["\"money\"".to_owned()];
    config.reference_pointer = "/id".to_owned();
    Marks::new(&config)
});

fuzz_target!(|input: (u16, Option<i64>, bool, &str)| {
    let (status, retry_after, is_whole, body) = input;
    let reply = MARKS.judge(&Answer { status, retry_after, is_whole, body: body.to_owned() });
    assert!(reply.reference.is_none_or(|reference| (0..=200).contains(&reference.len()) && !reference.contains('\0')));
});
