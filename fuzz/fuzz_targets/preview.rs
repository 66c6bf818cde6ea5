//! Bodies of the preview of a due date, which is then counted.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::catalogue::preview::{PreviewBody, preview};
use motcua::http::body::from_json;
use motcua_fuzz::OFFICE;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(body) = from_json::<PreviewBody>(bytes) {
        let _ = preview(&OFFICE.catalogue, body);
    }
});
