//! Answers of SMS gateways.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use motcua::config::AnswerConfig;
use motcua::platform::gateways::answer::{Answer, Marks};

static MARKS: LazyLock<Marks> = LazyLock::new(|| {
    let one = |code: &str| vec![code.to_owned()];
    Marks::new(&AnswerConfig {
        code: vec!["/code".to_owned(), "<result>".to_owned()],
        reference: "/id".to_owned(),
        accepted: one("ok/"),
        refused: one("no*"),
        account: one("*money*"),
        ..AnswerConfig::default()
    })
});

fuzz_target!(|input: (u16, Option<i64>, bool, &str)| {
    let (status, retry_after, is_whole, body) = input;
    let reply = MARKS.judge(&Answer { status, retry_after, is_whole, body: body.to_owned() });
    assert!(reply.reference.is_none_or(|reference| (0..=200).contains(&reference.len()) && !reference.contains('\0')));
});
