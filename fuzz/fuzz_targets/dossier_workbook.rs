//! The same as XLSX.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::dossiers::import::read;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(lines) = read::xlsx_lines(bytes.to_vec()) {
        let _ = read::rows_of(lines);
    }
});
