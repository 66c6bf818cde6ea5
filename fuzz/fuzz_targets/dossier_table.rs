//! Tables of dossiers of other systems, as CSV, cell by cell.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::dossiers::import::{read, row::Row};
use motcua_fuzz::act;

fuzz_target!(|bytes: &[u8]| {
    let Ok(lines) = read::csv_lines(bytes.to_vec()) else { return };
    for row in read::rows_of(lines).into_iter().flatten() {
        let (row, faults) = Row::read(&act(), &row);
        if faults.is_empty() {
            let _ = motcua::dossiers::intake::Form::read(&act(), &row.intake);
        }
    }
});
