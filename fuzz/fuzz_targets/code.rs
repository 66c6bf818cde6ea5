//! Dossier codes and pins as people type them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::domain::code::DossierCode;
use motcua::platform::secret::Pin;
use motcua_fuzz::OFFICE;

fuzz_target!(|text: &str| {
    if let Some(code) = DossierCode::read(text) {
        assert_eq!(DossierCode::read(code.as_str()), Some(code));
    }
    let pin = Pin::read(text);
    let again = Pin::read(&pin.printed());
    if pin.printed().len() == 14 && text.chars().filter(|c| c.is_ascii_alphanumeric()).count() == 12 && text.is_ascii() {
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b' ');
        assert!(!plain || pin.hash(&OFFICE.vault) == again.hash(&OFFICE.vault));
    }
});
