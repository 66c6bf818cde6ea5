//! Who sees what of a parent and its legs.

use std::collections::BTreeSet;

use motcua::domain::role::Role;
use serde_json::json;

use super::given::{Agencies, COMMUNE, W6, papers};

#[actix_web::test]
async fn the_unit_of_a_leg_sees_it_with_what_it_needs_of_the_parent_and_no_other_leg() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    assert_eq!(listed(&office, &office.police).await, Vec::<String>::new(), "what waits is no work yet");
    office.do_leg(&code, 0, &office.mayor).await;
    let (residence, card) = (office.leg(&code, 1).await, office.leg(&code, 2).await);

    let seen = office.seen(&residence, &office.police).await;
    assert_eq!((&seen["leg"], &seen["parent"]["code"]), (&json!(2), &json!(code)));
    assert_eq!(seen["parent"]["procedure_code"], W6);
    assert_eq!(seen["parent"]["papers"][0]["name"], "Tờ khai");
    assert_eq!(seen["applicant"]["phone"], "+84905123456", "the people are those of the parent");
    assert_eq!(listed(&office, &office.police).await, std::slice::from_ref(&residence));
    for other in [&code, &birth, &card] {
        office.app.get(&format!("/dossiers/{other}"), &office.police).await.expect(404);
    }
    for path in [format!("/dossiers/{code}/events"), format!("/dossiers/{card}/deadline")] {
        office.app.get(&path, &office.police).await.expect(404);
    }
}

#[actix_web::test]
async fn who_leads_sees_how_the_legs_stand_and_not_into_those_of_others() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let residence = office.leg(&code, 1).await;
    let parent = office.seen(&code, &office.mayor).await;
    assert_eq!(parent["legs"][1]["code"], json!(residence));
    office.app.get(&format!("/dossiers/{residence}"), &office.mayor).await.expect(404);
    office.app.get(&format!("/dossiers/{residence}"), &office.clerk).await.expect(404);
    let granted = json!({ "result": "granted" });
    office.act(&residence, "finish", &office.mayor, granted).await.expect(404);
    let own = office.leg(&code, 0).await;
    let listed = listed(&office, &office.mayor).await;
    assert_eq!(listed.len(), 2);
    assert!(listed.contains(&own) && listed.contains(&code), "{listed:?}");
    // Who oversees sees all of it.
    let controller = office.app.sign_in(Role::Controller, "H21");
    assert_eq!(office.seen(&residence, &controller).await["parent"]["code"], json!(code));
}

#[actix_web::test]
async fn a_leg_is_found_by_the_name_of_its_people_also_when_that_was_corrected() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let found = async |name: &str| {
        let page = office.app.get(&format!("/dossiers?q={name}"), &office.police).await.expect(200).body;
        page["items"].as_array().unwrap().len()
    };
    assert_eq!((found("anh").await, found("binh").await), (1, 0));
    let correction = json!({ "applicant": { "name": "Nguyễn Thị Bình" } });
    office.app.patch(&format!("/dossiers/{code}"), &office.clerk, &correction).await.expect(200);
    assert_eq!((found("anh").await, found("binh").await), (0, 1));
    let residence = office.leg(&code, 1).await;
    assert_eq!(office.seen(&residence, &office.police).await["applicant"]["name"], "Nguyễn Thị Bình");
}

#[actix_web::test]
async fn a_leg_is_found_by_phone_and_id_number_by_who_may_see_it() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let (residence, card) = (office.leg(&code, 1).await, office.leg(&code, 2).await);
    let stranger = office.app.sign_in(Role::Leader, "H21.17");
    let controller = office.app.sign_in(Role::Controller, "H21");
    let found = async |text: &str, token: &str| {
        let page = office.app.get(&format!("/dossiers?q={text}"), token).await.expect(200);
        page.codes().into_iter().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let set = |codes: &[&String]| codes.iter().map(|code| (*code).clone()).collect::<BTreeSet<_>>();
    for text in ["0905123456", "052190000123"] {
        assert_eq!(found(text, &office.police).await, set(&[&residence]), "{text}");
        assert_eq!(found(text, &office.insurance).await, set(&[&card]), "{text}");
        assert_eq!(found(text, &office.clerk).await, set(&[&code]), "{text}");
        assert_eq!(found(text, &office.mayor).await, set(&[&code, &birth]), "{text}");
        assert_eq!(found(text, &controller).await, set(&[&code, &birth, &residence, &card]), "{text}");
        assert_eq!(found(text, &stranger).await, set(&[]), "{text}");
    }
    let correction = json!({ "applicant": { "phone": "0914222333" } });
    office.app.patch(&format!("/dossiers/{code}"), &office.clerk, &correction).await.expect(200);
    assert_eq!(found("0905123456", &office.police).await, set(&[]));
    assert_eq!(found("0914222333", &office.police).await, set(&[&residence]));
    assert_eq!(found("0914222334", &office.police).await, set(&[]));
}

#[actix_web::test]
async fn who_saw_the_people_in_a_leg_is_known_with_the_parent() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let residence = office.leg(&code, 1).await;
    office.seen(&residence, &office.police).await;
    let auditor = office.app.sign_in(Role::Auditor, "H21");
    let reads = office.app.get(&format!("/dossiers/{code}/identity/reads"), &auditor).await.expect(200).body;
    assert_eq!(reads["items"][0]["unit"], "H21.90");
    let reason = json!({ "reason": "Kiểm tra theo đơn phản ánh" });
    let path = format!("/dossiers/{residence}/identity");
    let unmasked = office.app.post(&path, &auditor, &reason).await.expect(200).body;
    assert_eq!(unmasked["applicant"]["phone"], "+84905123456");
}

#[actix_web::test]
async fn only_the_unit_of_a_leg_acts_on_it() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    office.do_leg(&code, 0, &office.mayor).await;
    let residence = office.leg(&code, 1).await;
    office.act(&residence, "acknowledge", &office.insurance, json!({})).await.expect(404);
    office.act(&residence, "acknowledge", &office.mayor, json!({})).await.expect(404);
    office.act(&residence, "acknowledge", &office.clerk, json!({})).await.expect(403);
    office.acknowledge(&residence, &office.police).await;
    let again = office.act(&residence, "acknowledge", &office.police, json!({})).await.expect(409);
    assert_eq!(again.code(), "status_forbids");
    let head = office.app.sign_in(Role::Leader, COMMUNE);
    office.act(&residence, "request_supplement", &head, papers()).await.expect(404);
}

async fn listed(office: &Agencies, token: &str) -> Vec<String> {
    let page = office.app.get("/dossiers", token).await.expect(200).body;
    page["items"].as_array().unwrap().iter().map(|item| item["code"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn the_unit_of_a_leg_sees_its_way_and_hands_it_on_step_by_step() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W6).await;
    let birth = office.leg(&code, 0).await;
    office.acknowledge(&birth, &office.mayor).await;
    let path = format!("/dossiers/{birth}/process");
    let before = office.app.get(&path, &office.mayor).await.expect(200).body;
    office.act(&birth, "advance", &office.mayor, json!({})).await.expect(200);
    let after = office.app.get(&path, &office.mayor).await.expect(200).body;
    assert_eq!(before["comes"][0]["does"], after["at"]["does"]);
    office.grant(&birth, &office.mayor).await;
}
