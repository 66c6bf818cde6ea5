//! Bodies of intake: JSON of whatever shape, then against a catalogue.
#![no_main]

use libfuzzer_sys::fuzz_target;
use motcua::dossiers::Intake;
use motcua::dossiers::intake::Form;
use motcua::http::body::from_json;
use motcua_fuzz::act;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(intake) = from_json::<Intake>(bytes) {
        let _ = Form::read(&act(), &intake);
    }
});
