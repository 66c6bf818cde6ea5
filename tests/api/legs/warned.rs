//! Units are warned of legs that they take up late, and whoever answers for a parent of what becomes of it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::dossiers::foresight::warn;
use motcua::schema::warnings;
use serde_json::{Value, json};

use super::given::{Agencies, COMMUNE, W6, papers};
use crate::support::app::{TestApp, intake};
use crate::support::office::CENTRE;

async fn tick(office: &Agencies) -> usize {
    warn::tick(office.app.state.clone()).await.unwrap()
}

/// What somebody is warned of about a dossier: what, and as whom.
async fn warned(office: &Agencies, token: &str, code: &str) -> Vec<(String, String)> {
    let list = office.app.get("/me/warnings", token).await.expect(200);
    let of = list.items().iter().filter(|warning| warning["code"] == code);
    of.map(|warning| (text(&warning["what"]), text(&warning["audience"]))).collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

fn one(what: &str, audience: &str) -> Vec<(String, String)> {
    vec![(what.to_owned(), audience.to_owned())]
}

#[actix_web::test]
async fn of_a_leg_that_is_not_taken_up_in_time_its_unit_is_warned_once() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    office.app.set("2026-10-05 11:00");
    assert_eq!(tick(&office).await, 0, "two working hours are over, and not yet late");
    office.app.set("2026-10-05 11:01");
    let others = [TestApp::on_same(&office.app), TestApp::on_same(&office.app)];
    let workers = [&office.app.state, &others[0].state, &others[1].state];
    let told = futures_util::future::join_all(workers.map(|state| warn::tick(state.clone()))).await;
    assert_eq!(told.into_iter().map(Result::unwrap).sum::<usize>(), 2, "who holds it and who leads them");
    assert_eq!(tick(&office).await, 0);
    let officer = office.app.sign_in(Role::Officer, COMMUNE);
    assert_eq!(warned(&office, &officer, &birth).await, one("acknowledge", "holder"));
    assert_eq!(warned(&office, &office.mayor, &birth).await, one("acknowledge", "above"));
    assert_eq!(warned(&office, &office.clerk, &birth).await, []);
    let list = office.app.get("/me/warnings", &officer).await.expect(200);
    assert_eq!(list.items()[0]["due_at"], "2026-10-05T11:00:00+07:00");
}

#[actix_web::test]
async fn nobody_is_warned_at_night_nor_of_what_is_taken_up_or_waits_for_papers() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let (taken_up, asked, waits) = (office.received(W6).await, office.received(W6).await, office.received(W6).await);
    let leg = office.leg(&taken_up, 0).await;
    office.acknowledge(&leg, &office.mayor).await;
    let asks = office.leg(&asked, 0).await;
    office.act(&asks, "request_supplement", &office.mayor, papers()).await.expect(200);
    office.app.set("2026-10-05 20:00");
    assert_eq!(tick(&office).await, 0);
    office.app.set("2026-10-06 07:00");
    assert_eq!(tick(&office).await, 2);
    let late = office.leg(&waits, 0).await;
    assert_eq!(warned(&office, &office.mayor, &late).await, one("acknowledge", "above"));
    // Its unit goes on with it where it stood, and is late.
    office.act(&asked, "supply", &office.clerk, json!({})).await.expect(200);
    assert_eq!(tick(&office).await, 2);
}

#[actix_web::test]
async fn another_unit_is_warned_of_its_own_hours() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    let form = json!({ "unit_code": "H21.134", "reason": "Cư trú ở xã khác" });
    office.app.set("2026-10-05 10:00");
    office.act(&birth, "redirect", &office.mayor, form).await.expect(200);
    office.app.set("2026-10-05 14:00");
    assert_eq!(tick(&office).await, 0);
    office.app.set("2026-10-05 14:01");
    assert_eq!(tick(&office).await, 2);
    let chief = office.app.sign_in(Role::Leader, "H21.134");
    assert_eq!(warned(&office, &chief, &birth).await, one("acknowledge", "above"));
    assert_eq!(warned(&office, &office.mayor, &birth).await, []);
}

#[actix_web::test]
async fn of_a_leg_that_began_too_late_its_unit_is_warned_once() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    for (place, seconds) in [(1, 601), (2, 600)] {
        let leg = office.leg(&code, place).await;
        let late = format!(
            "UPDATE dossier_legs l SET ready_at = ready_at - interval '{seconds} s' FROM dossiers d
            WHERE d.id = l.dossier_id AND d.code = '{leg}'"
        );
        office.app.db.connect().batch_execute(&late).unwrap();
    }
    assert_eq!((tick(&office).await, tick(&office).await), (2, 0));
    let residence = office.leg(&code, 1).await;
    assert_eq!(warned(&office, &office.police, &residence).await, one("sync", "above"));
    let kept: Vec<String> = warnings::table.select(warnings::what).load(&mut office.app.db.connect()).unwrap();
    assert_eq!(kept, ["sync", "sync"]);
}

#[actix_web::test]
async fn of_a_parent_who_answers_for_it_is_warned_and_who_watches_over_the_counter() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let (clerk, head) = (office.app.sign_in(Role::Clerk, CENTRE), office.app.sign_in(Role::CentreHead, CENTRE));
    let at_the_centre = office.app.post("/dossiers", &clerk, &intake(W6, COMMUNE)).await.expect(201).field("code");
    let in_the_commune = office.received(W6).await;
    // The last hour of three working days.
    office.app.set("2026-10-08 16:00");
    tick(&office).await;
    let holder = one("result", "holder");
    assert_eq!(warned(&office, &office.mayor, &at_the_centre).await, holder, "who may extend or apologise");
    assert_eq!(warned(&office, &head, &at_the_centre).await, one("result", "above"));
    assert_eq!(warned(&office, &clerk, &at_the_centre).await, [], "who can do nothing about it");
    assert_eq!(warned(&office, &office.mayor, &in_the_commune).await, holder, "once, as counter and unit are one");
    assert_eq!(warned(&office, &office.clerk, &in_the_commune).await, []);
    assert_eq!(warned(&office, &head, &in_the_commune).await, []);
}
