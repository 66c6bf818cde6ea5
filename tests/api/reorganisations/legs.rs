//! Legs of inter-agency dossiers go on with the agency that follows, begun or not.

use motcua::catalogue::import::{self, DryRun};
use motcua::domain::role::Role;
use motcua::platform::progress::Progress;
use motcua::reorganisations;
use serde_json::json;

use crate::catalogue::given::Copy;
use crate::legs::given::{Agencies, W6, W7};

const HEIR: &str = "H21.97";

/// The insurance agency ends with October.
async fn reorganised(office: &Agencies) {
    let copy = Copy::new();
    copy.change("units.json", |rows| {
        let rows = rows.as_array_mut().unwrap();
        let mut row = rows.iter().find(|row| row["code"] == "H21.92").unwrap().clone();
        let own_counter = row["receives_at"] == "H21.92";
        row["code"] = json!(HEIR);
        if own_counter {
            row["receives_at"] = json!(HEIR);
        }
        row["valid_from"] = json!("2026-10-01");
        rows.push(row);
    });
    import::run(&office.app.state, copy.path(), DryRun::No, &Progress::silent()).unwrap();
    let plan = json!({
        "code": "BHXH", "source": "Quyết định 3/QĐ", "on": "2026-11-01",
        "moves": [{ "from": "H21.92", "to": HEIR }],
    });
    let controller = office.app.sign_in(Role::Controller, "H21");
    let proposed = office.app.post("/reorganisations", &controller, &json!({ "plan": plan })).await.expect(202).body;
    let confirm = format!("/approvals/{}/actions/confirm", proposed["id"].as_str().unwrap());
    office.app.post(&confirm, &office.app.sign_in(Role::Admin, "H21"), &json!({})).await.expect(200);
    for now in ["2026-10-30 10:00", "2026-11-02 08:00"] {
        office.app.set(now);
        reorganisations::tick(office.app.state.clone()).await.unwrap();
    }
}

#[actix_web::test]
async fn a_leg_that_waits_begins_with_the_agency_that_follows() {
    let office = Agencies::at("2026-10-29 09:00").await;
    let code = office.received(W7).await;
    reorganised(&office).await;
    assert_eq!(office.legs(&code, "unit").await, ["H21.106", HEIR]);
    office.do_leg(&code, 0, &office.mayor).await;
    let leg = office.leg(&code, 1).await;
    office.acknowledge(&leg, &office.insurance).await;
    office.grant(&leg, &office.insurance).await;
    assert_eq!(office.parent(&code).await["status"], "finished");
}

#[actix_web::test]
async fn a_leg_under_way_goes_on_there_and_counts_there() {
    let office = Agencies::at("2026-10-29 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let leg = office.leg(&code, 2).await;
    office.acknowledge(&leg, &office.insurance).await;
    reorganised(&office).await;
    assert_eq!(office.seen(&leg, &office.insurance).await["resolving_unit"], HEIR);
    assert_eq!(office.legs(&code, "unit").await[2], HEIR);
    office.grant(&leg, &office.insurance).await;
    office.do_leg(&code, 1, &office.police).await;
    assert_eq!(office.parent(&code).await["status"], "finished");
}
