//! Originals that were taken for comparison are given back (NĐ 61/2018/NĐ-CP Đ20.2).

use motcua::domain::role::Role;
use serde_json::{Value, json};

use crate::legs::given::{Agencies, COMMUNE, W7, papers};
use crate::support::answer::Answer;
use crate::support::app::intake;
use crate::support::office::{CENTRE, DEPARTMENT, ONE_DAY, Office, TEN_DAYS};

/// A form, a land certificate and a family book; the two are to be given back.
fn with_originals() -> Value {
    let mut form = intake(TEN_DAYS, DEPARTMENT);
    form["papers"] = json!([
        { "name": "Tờ khai", "kind": "original" },
        { "name": "Giấy chứng nhận quyền sử dụng đất", "kind": "original" },
        { "name": "Sổ hộ khẩu", "kind": "original", "quantity": 2 },
        { "name": "Bản sao CCCD" },
    ]);
    form["give_back"] = json!([2, 3]);
    form
}

async fn received(office: &Office) -> String {
    office.app.post("/dossiers", &office.clerk, &with_originals()).await.expect(201).field("code")
}

async fn in_process(office: &Office) -> String {
    let code = received(office).await;
    office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
    code
}

async fn give_back(office: &Office, code: &str, body: Value) -> Answer {
    office.act(code, "give_back", &office.clerk, body).await
}

/// The numbers of those that the office still holds.
async fn held(office: &Office, code: &str) -> Vec<i64> {
    let shown = office.show(code).await;
    let held = shown["originals"].as_array().unwrap().iter().filter(|original| original["given_back_at"].is_null());
    held.map(|original| original["number"].as_i64().unwrap()).collect()
}

async fn listed(office: &Office, wish: &str) -> Vec<String> {
    let list = office.app.get(&format!("/dossiers?originals={wish}"), &office.clerk).await.expect(200);
    list.codes().into_iter().map(str::to_owned).collect()
}

#[actix_web::test]
async fn the_slip_and_the_dossier_say_what_the_office_holds_since_when_and_who_took_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let slip = office.app.post("/dossiers", &office.clerk, &with_originals()).await.expect(201).body;
    let expected = json!([
        { "number": 1, "name": "Giấy chứng nhận quyền sử dụng đất", "quantity": 1, "taken_at": "2026-10-05T09:00:00+07:00",
          "taken_by": "Nguyễn Văn clerk", "unit": CENTRE, "given_back_at": null, "given_back_by": null,
          "given_back_to": null },
        { "number": 2, "name": "Sổ hộ khẩu", "quantity": 2, "taken_at": "2026-10-05T09:00:00+07:00",
          "taken_by": "Nguyễn Văn clerk", "unit": CENTRE, "given_back_at": null, "given_back_by": null,
          "given_back_to": null },
    ]);
    assert_eq!(slip["originals"], expected);
    let code = slip["code"].as_str().unwrap();
    assert_eq!(office.show(code).await["originals"], expected);
    let other = office.received(TEN_DAYS).await;
    assert_eq!(other["originals"], Value::Null, "what is not marked stays in the file");
    assert_eq!(office.show(other["code"].as_str().unwrap()).await["originals"], json!([]));
}

#[actix_web::test]
async fn only_an_original_that_was_handed_to_somebody_is_marked() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut form = with_originals();
    form["give_back"] = json!([4, 9, 0, -32768, 2]);
    let refused = office.app.post("/dossiers", &office.clerk, &form).await.expect(422);
    let none = "no_such_paper";
    let expected =
        [("/give_back/0", "not_an_original"), ("/give_back/1", none), ("/give_back/2", none), ("/give_back/3", none)];
    assert_eq!(refused.faults(), expected);
    let portal = office.app.key(Role::Portal, CENTRE).await.0;
    let online = office.app.post("/dossiers/submissions", &portal, &with_originals()).await.expect(422);
    assert_eq!(online.faults(), [("/give_back", "not_at_the_counter")]);
    form["give_back"] = json!([2, 2]);
    let twice = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).body;
    assert_eq!(twice["originals"].as_array().unwrap().len(), 1, "a paper lies in one place");
}

#[actix_web::test]
async fn they_go_back_one_by_one_and_it_is_on_record_to_whom() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = in_process(&office).await;
    office.app.set("2026-10-06 10:00");
    let form = json!({ "numbers": [2], "to": "Trần Thị Tư", "note": "có giấy ủy quyền" });
    let done = give_back(&office, &code, form).await.expect(200).body;
    assert_eq!((&done["status"], &done["version"]), (&json!("processing"), &json!(3)));
    let shown = office.show(&code).await["originals"][1].clone();
    assert_eq!(shown["given_back_at"], "2026-10-06T10:00:00+07:00");
    assert_eq!((&shown["given_back_by"], &shown["given_back_to"]), (&json!("Nguyễn Văn clerk"), &json!("Trần Thị Tư")));
    let auditor = office.app.sign_in(Role::Auditor, "H21");
    let masked = office.app.get(&format!("/dossiers/{code}"), &auditor).await.expect(200).body;
    assert_eq!(masked["originals"][1]["given_back_to"], Value::Null, "whom it was given to is sealed");
    let events = office.app.get(&format!("/dossiers/{code}/events"), &auditor).await.expect(200);
    let last = events.items().last().unwrap();
    assert_eq!((&last["verb"], &last["details"]), (&json!("give_back"), &json!({ "originals": [2] })));
    assert!(!events.text.contains("Trần Thị Tư"));
    let controller = office.app.sign_in(Role::Controller, "H21");
    let form = json!({ "id_number": "052190000123", "reason": "Theo yêu cầu của người dân" });
    let export = office.app.post("/persons/exports", &controller, &form).await.expect(200);
    assert_eq!(export.body["parts"][0]["dossier"]["originals"][1]["number"], 2);
    assert!(!export.text.contains("Trần Thị Tư"), "others are left out");

    assert_eq!(held(&office, &code).await, [1]);
    let unknown = give_back(&office, &code, json!({ "numbers": [1, 7] })).await.expect(422);
    assert_eq!(unknown.faults(), [("/numbers", "no_such_original")]);
    let none = give_back(&office, &code, json!({ "numbers": [] })).await.expect(422);
    assert_eq!(none.faults(), [("/numbers", "required")]);
    assert_eq!(held(&office, &code).await, [1], "all or none");
    // Whoever has it in hand gives back too, and nobody else.
    let stranger = office.app.sign_in(Role::Officer, "H21.20");
    office.act(&code, "give_back", &stranger, json!({})).await.expect(404);
    office.act(&code, "give_back", &office.officer, json!({})).await.expect(200);
    let again = give_back(&office, &code, json!({})).await.expect(409);
    assert_eq!(again.code(), "no_originals_held");
}

#[actix_web::test]
async fn of_two_who_give_the_same_back_at_once_one_does_and_the_other_is_told() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = in_process(&office).await;
    let form = |to: &str| json!({ "numbers": [1], "to": to });
    let (first, second) = tokio::join!(
        office.act(&code, "give_back", &office.clerk, form("Lê Văn Năm")),
        office.act(&code, "give_back", &office.officer, form("Lê Thị Sáu")),
    );
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let (won, refused) = if first.status == 409 { ("Lê Thị Sáu", first) } else { ("Lê Văn Năm", second) };
    assert_eq!(refused.code(), "given_back_already");
    assert_eq!(office.show(&code).await["originals"][0]["given_back_to"], won);
    assert_eq!(held(&office, &code).await, [2]);
}

#[actix_web::test]
async fn however_a_dossier_ended_its_originals_are_listed_until_they_go_back() {
    let office = Office::at("2026-10-05 09:00").await;
    let withdrawn = received(&office).await;
    office.act(&withdrawn, "withdraw", &office.clerk, json!({})).await.expect(200);
    let stopped = in_process(&office).await;
    office.act(&stopped, "stop", &office.leader, json!({ "reason": "Đình chỉ" })).await.expect(200);
    let mut form = with_originals();
    (form["outcome"], form["reason"]) = (json!("declined"), json!("Không thuộc thẩm quyền"));
    let declined = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).field("code");
    let open = in_process(&office).await;
    office.received(TEN_DAYS).await;

    let mut ended = [&declined, &stopped, &withdrawn];
    ended.sort_unstable();
    let mut left = listed(&office, "left_behind").await;
    left.sort_unstable();
    assert_eq!(left.iter().collect::<Vec<_>>(), ended);
    assert_eq!(listed(&office, "held").await.len(), 4);
    assert_eq!(listed(&office, "left_behind&status=withdrawn").await, std::slice::from_ref(&withdrawn));
    for code in ended {
        give_back(&office, code, json!({})).await.expect(200);
    }
    assert_eq!(listed(&office, "left_behind").await, Vec::<String>::new());
    assert_eq!(listed(&office, "held").await, [open]);
    let wrong = office.app.get("/dossiers?originals=lost", &office.clerk).await.expect(422);
    assert_eq!(wrong.pointers(), ["?originals"]);
}

#[actix_web::test]
async fn a_result_is_not_handed_over_until_it_is_said_what_becomes_of_the_originals() {
    let office = Office::at("2026-10-05 09:00").await;
    let (with, without) = (in_process(&office).await, in_process(&office).await);
    for code in [&with, &without] {
        office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
        let refused = office.act(code, "hand_over", &office.clerk, json!({})).await.expect(409);
        assert_eq!(refused.code(), "originals_held");
        assert!(refused.text.contains("Sổ hộ khẩu"), "{}", refused.text);
    }
    let unclear = json!({ "originals": "perhaps" });
    let wrong = office.act(&with, "hand_over", &office.clerk, unclear).await.expect(422);
    assert_eq!(wrong.faults(), [("/originals", "unknown_word")]);
    let together = json!({ "to": "Trần Thị Tư", "originals": "given_back" });
    office.act(&with, "hand_over", &office.clerk, together).await.expect(200);
    assert_eq!(office.show(&with).await["originals"][0]["given_back_to"], "Trần Thị Tư");
    office.act(&without, "hand_over", &office.clerk, json!({ "way": "postal", "originals": "kept" })).await.expect(200);
    assert_eq!(listed(&office, "left_behind").await, std::slice::from_ref(&without));
    assert_eq!(held(&office, &without).await, [1, 2]);
}

#[actix_web::test]
async fn that_a_result_was_never_handed_over_says_the_same_of_the_originals_with_it() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = in_process(&office).await;
    give_back(&office, &code, json!({ "numbers": [2] })).await.expect(200);
    office.act(&code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    office.act(&code, "hand_over", &office.clerk, json!({ "originals": "given_back" })).await.expect(200);
    assert_eq!(held(&office, &code).await, Vec::<i64>::new());
    undo(&office, &code).await;
    assert_eq!(held(&office, &code).await, [1], "what went before stays gone");
}

#[actix_web::test]
async fn originals_given_back_after_an_end_do_not_keep_it_from_being_undone() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = in_process(&office).await;
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    give_back(&office, &code, json!({})).await.expect(200);
    undo(&office, &code).await;
    assert_eq!(office.show(&code).await["status"], "processing");
    assert_eq!(held(&office, &code).await, Vec::<i64>::new());
}

async fn undo(office: &Office, code: &str) {
    let asked = office.act(code, "undo", &office.officer, json!({ "reason": "Bấm nhầm" })).await.expect(202).body;
    let id = asked["approval"]["id"].as_str().unwrap();
    office.app.post(&format!("/approvals/{id}/actions/confirm"), &office.leader, &json!({})).await.expect(200);
}

#[actix_web::test]
async fn an_original_may_come_later_with_what_was_missing() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let ask = json!({ "papers": [{ "name": "Bản sao sổ đỏ" }, { "name": "Đơn" }], "reason": "Thiếu" });
    office.act(&code, "request_supplement", &office.officer, ask).await.expect(200);
    office.app.set("2026-10-06 09:00");
    let other = json!({ "positions": [3], "give_back": [2] });
    let refused = office.act(&code, "supply", &office.clerk, other).await.expect(422);
    assert_eq!(refused.faults(), [("/give_back", "not_supplied")]);
    // The copy was asked for; the original is left here to be compared with it.
    let form = json!({ "positions": [2], "give_back": [2], "came_at": "2026-10-05T16:00:00+07:00" });
    office.act(&code, "supply", &office.clerk, form).await.expect(200);
    let shown = office.show(&code).await;
    assert_eq!(shown["originals"][0]["name"], "Bản sao sổ đỏ");
    assert_eq!(shown["originals"][0]["taken_at"], "2026-10-05T16:00:00+07:00");
    assert_eq!((&shown["papers"][1]["kind"], &shown["papers"][1]["state"]), (&json!("copy"), &json!("supplied")));
    assert_eq!(shown["status"], "awaiting_supplement", "the other is still missing");
}

#[actix_web::test]
async fn what_is_brought_for_a_leg_lies_with_its_parent() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let mut form = intake(W7, COMMUNE);
    form["give_back"] = json!([1]);
    let code = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).field("code");
    let birth = office.leg(&code, 0).await;
    office.act(&birth, "request_supplement", &office.mayor, papers()).await.expect(200);
    office.act(&code, "supply", &office.clerk, json!({ "give_back": [1] })).await.expect(200);
    let originals = office.parent(&code).await["originals"].clone();
    assert_eq!((&originals[1]["number"], &originals[1]["name"]), (&json!(2), &json!("Giấy chứng sinh")));
    let seen = office.seen(&birth, &office.mayor).await;
    assert_eq!((&seen["originals"], &seen["parent"]["originals"]), (&json!([]), &originals));
    let of_the_leg = office.act(&birth, "give_back", &office.mayor, json!({})).await.expect(409);
    assert_eq!(of_the_leg.code(), "done_with_the_parent");
    office.do_leg(&code, 0, &office.mayor).await;
    office.do_leg(&code, 1, &office.insurance).await;
    let refused = office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(409);
    assert_eq!(refused.code(), "originals_held");
    office.act(&code, "give_back", &office.clerk, json!({})).await.expect(200);
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
}

#[actix_web::test]
async fn who_waits_for_the_result_takes_the_originals_along() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut form = intake(ONE_DAY, DEPARTMENT);
    form["give_back"] = json!([1]);
    form["immediate"] = json!({ "result": "granted", "signer": "Lê Thị Ký" });
    let done = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).body;
    assert_eq!(done["status"], "returned");
    assert_eq!(done["originals"][0]["given_back_at"], "2026-10-05T09:00:00+07:00");
}
