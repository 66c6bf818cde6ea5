//! Processes as they are saved: checked against their procedures, and a unit's own way.

use motcua::catalogue::import::ImportError;
use serde_json::json;

use super::given::{PROCEDURE, process, province_with};
use crate::catalogue::given::House;
use crate::deadlines::processes::mineral_exploration;
use crate::support::office::{Office, TEN_DAYS};

use motcua::catalogue::import::{self, DryRun};
use motcua::platform::progress::Progress;

#[actix_web::test]
async fn a_process_that_needs_more_than_the_term_is_refused_with_the_procedure_named() {
    let house = House::with_province();
    let refused = house.load(province_with(&mineral_exploration(), 31).path()).unwrap_err();
    let ImportError::Rows(faults) = refused else { panic!("{refused}") };
    let told: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].contains(PROCEDURE) && told[0].contains("T1") && told[0].contains("15360"), "{told:?}");
    house.load(province_with(&mineral_exploration(), 32).path()).unwrap();
}

#[actix_web::test]
async fn a_unit_goes_about_a_procedure_in_its_own_way_and_a_dossier_keeps_the_version_it_started_with() {
    let office = Office::at("2026-10-05 09:00").await;
    let before = office.in_process(TEN_DAYS).await;
    assert_eq!(process(&office, &before).await["code"], "W4");
    let own = |review: &str| {
        let copy = crate::catalogue::given::Copy::new();
        copy.change("processes.json", |rows| {
            rows.as_array_mut().unwrap().push(json!({"code": "H21.16/giam-dinh", "name": "own way",
            "valid_from": "2026-01-01", "procedure": TEN_DAYS, "unit": "H21.16", "legs": [], "steps": [
                {"role": "officer", "does": "examine", "rest_of_term": true},
                {"role": "leader", "does": review, "days": 1}
            ]}));
        });
        import::run(&office.app.state, copy.path(), DryRun::No, &Progress::silent()).unwrap()
    };
    own("sign");
    let first = office.in_process(TEN_DAYS).await;
    own("sign and stamp");
    let second = office.in_process(TEN_DAYS).await;
    let of = async |code: &str| {
        let view = process(&office, code).await;
        (view["code"].as_str().unwrap().to_owned(), view["version"].clone(), view["comes"][0]["does"].clone())
    };
    assert_eq!(of(&first).await, ("H21.16/giam-dinh".to_owned(), json!(1), json!("sign")));
    assert_eq!(of(&second).await, ("H21.16/giam-dinh".to_owned(), json!(2), json!("sign and stamp")));
    assert_eq!(of(&before).await.0, "W4");
}
