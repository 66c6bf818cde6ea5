//! Each figure of `/statistics/legs` leads to exactly that many legs.

use std::collections::BTreeSet;

use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::given::{Agencies, W6, W7};

const OCTOBER: &str = "calendar_month=2026-10";
const CELLS: [&str; 7] = [
    "started",
    "acknowledged_in_time",
    "acknowledged_late",
    "open_in_time",
    "open_late",
    "synced_in_time",
    "synced_late",
];

/// Legs that are early and late in every way, in three units; now is two in the afternoon.
async fn a_day(office: &Agencies) {
    let quick = office.received(W6).await;
    let slow = office.received(W6).await;
    office.received(W7).await;
    let voided = office.received(W7).await;
    office
        .app
        .db
        .connect()
        .batch_execute(&format!(
            "UPDATE dossiers SET status = 'voided' WHERE id IN (
        SELECT l.dossier_id FROM dossier_legs l JOIN dossiers p ON p.id = l.parent_id WHERE p.code = '{voided}')"
        ))
        .unwrap();
    office.do_leg(&quick, 0, &office.mayor).await;
    office.app.set("2026-10-05 14:00");
    let residence = office.leg(&quick, 1).await;
    office.acknowledge(&residence, &office.police).await;
    office.do_leg(&slow, 0, &office.mayor).await;
    let residence = office.leg(&slow, 1).await;
    office.acknowledge(&residence, &office.police).await;
    let withdrawn = office.received(W7).await;
    office.act(&withdrawn, "withdraw", &office.clerk, json!({})).await.expect(200);
    office.received(W7).await;
    // Here the next leg begins with the grant; another system may tell of it later.
    let card = office.leg(&slow, 2).await;
    let late = format!(
        "UPDATE dossier_legs l SET ready_at = ready_at - interval '601 s' FROM dossiers d
        WHERE d.id = l.dossier_id AND d.code = '{card}'"
    );
    office.app.db.connect().batch_execute(&late).unwrap();
}

/// The codes behind a figure, in pages of two.
async fn behind(office: &Agencies, token: &str, path: &str) -> Vec<String> {
    let (mut codes, mut cursor) = (Vec::new(), String::new());
    loop {
        let path = format!("/statistics/legs/dossiers?{OCTOBER}&limit=2&{path}{cursor}");
        let page = office.app.get(&path, token).await.expect(200);
        codes.extend(page.codes().into_iter().map(str::to_owned));
        match page.body["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return codes,
        }
    }
}

#[actix_web::test]
async fn behind_each_figure_are_exactly_its_legs() {
    let office = Agencies::at("2026-10-05 09:00").await;
    a_day(&office).await;
    let controller = office.app.sign_in(Role::Controller, "H21");
    let table = office.app.get(&format!("/statistics/legs?{OCTOBER}"), &controller).await.expect(200).body;
    let total: Vec<_> = CELLS.iter().map(|cell| table["total"][cell].as_u64().unwrap()).collect();
    assert_eq!(total, [9, 2, 2, 3, 2, 3, 1]);
    let rows = table["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 3);
    for cell in CELLS {
        let all = behind(&office, &controller, &format!("cell={cell}")).await;
        assert_eq!(Some(all.len()), count(&table["total"], cell), "{cell}");
        let mut found = BTreeSet::new();
        for row in rows {
            let unit = row["key"]["code"].as_str().unwrap();
            for asked in [format!("cell={cell}&group_key={unit}"), format!("cell={cell}&unit={unit}")] {
                let codes = behind(&office, &controller, &asked).await;
                assert_eq!(Some(codes.len()), count(row, cell), "{asked}");
                found.extend(codes);
            }
        }
        assert_eq!(found, all.into_iter().collect(), "{cell}: the rows make up the total");
    }
}

fn count(row: &Value, cell: &str) -> Option<usize> {
    row[cell].as_u64().and_then(|count| usize::try_from(count).ok())
}

#[actix_web::test]
async fn a_leg_is_shown_with_its_parent_and_its_moments_and_to_its_own_unit_alone() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.app.set("2026-10-05 10:00");
    office.do_leg(&code, 0, &office.mayor).await;
    let officer = office.app.sign_in(Role::Officer, "H21.90");
    let path = format!("/statistics/legs/dossiers?{OCTOBER}&cell=synced_in_time");
    let page = office.app.get(&path, &officer).await.expect(200).body;
    let id = page["items"][0]["id"].clone();
    let moment = json!("2026-10-05T10:00:00+07:00");
    let expected = json!([{ "id": id, "code": office.leg(&code, 1).await, "parent": code, "does": "register the residence",
        "unit": { "code": "H21.90", "name": page["items"][0]["unit"]["name"] }, "procedure_code": "1.004222",
        "status": "received", "ready_at": moment, "started_at": moment,
        "acknowledge_by": "2026-10-05T14:00:00+07:00", "acknowledged_at": null }]);
    assert_eq!(page["items"], expected, "not the card, which another unit makes");
    let foreign = office.app.get(&format!("{path}&group_key=H21.92"), &officer).await.expect(422);
    assert_eq!(foreign.faults(), [("?group_key", "group_not_found")]);
    office.app.get(&format!("{path}&unit=H21.92"), &officer).await.expect(404);
    let wrong = office.app.get(&format!("/statistics/legs/dossiers?{OCTOBER}&cell=lost"), &officer).await.expect(422);
    assert_eq!(wrong.pointers(), ["?cell"]);
}
