//! Names, phones, e-mail addresses and ID numbers: what is read reads again, and a mask hides.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::domain::person::{Email, IdNumber, Name, Phone, fold, words_of};

fuzz_target!(|text: &str| {
    if let Some(phone) = Phone::read(text) {
        assert_eq!(Phone::read(phone.as_str()).as_ref().map(Phone::as_str), Some(phone.as_str()));
        assert!(!phone.masked().contains(phone.as_str()));
    }
    if let Some(email) = Email::read(text) {
        assert_eq!(Email::read(email.as_str()).as_ref().map(Email::as_str), Some(email.as_str()));
        assert!(!email.as_str().contains(['\r', '\n', ' ', ',']));
        let _ = email.masked();
    }
    if let Some(number) = IdNumber::read(text) {
        assert_eq!(IdNumber::read(number.as_str()).as_ref().map(IdNumber::as_str), Some(number.as_str()));
        assert!(!number.masked().contains(number.as_str()));
    }
    if let Some(name) = Name::read(text) {
        assert_eq!(Name::read(name.as_str()).as_ref().map(Name::as_str), Some(name.as_str()));
        let _ = name.words();
    }
    assert_eq!(fold(&fold(text)), fold(text));
    let _ = words_of(text);
});
