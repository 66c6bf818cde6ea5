//! The five files of a province's catalogue; the first byte says which.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use motcua::catalogue::import::{fault::RowFaults, read::read_files};
use tempfile::TempDir;

const FILES: [&str; 5] = ["units.json", "fields.json", "processes.json", "procedures.json", "calendar.json"];
static DIR: LazyLock<TempDir> = LazyLock::new(|| TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).expect("a directory"));

fuzz_target!(|bytes: &[u8]| {
    let Some((which, text)) = bytes.split_first() else { return };
    let which = usize::from(*which) % FILES.len();
    for (number, file) in FILES.iter().enumerate() {
        let text = if number == which { text } else { b"[]" };
        std::fs::write(DIR.path().join(file), text).expect("a file");
    }
    let mut faults = RowFaults::default();
    read_files(DIR.path(), &mut faults);
    for fault in faults.into_vec() {
        assert!(!fault.to_string().is_empty());
    }
});
