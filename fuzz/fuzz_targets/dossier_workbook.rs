//! The same as XLSX.
#![no_main]

use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use motcua::dossiers::import::read;

/// Panics that the code catches are no crash; whatever gets out of it still is.
static QUIET: Once = Once::new();

fuzz_target!(|bytes: &[u8]| {
    QUIET.call_once(|| std::panic::set_hook(Box::new(|_| {})));
    if let Ok(lines) = read::xlsx_lines(bytes.to_vec()) {
        let _ = read::rows_of(lines);
    }
});
