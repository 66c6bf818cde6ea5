//! The life of a wording: written, refused, reviewed by another, in use, gone back from; shown and counted before.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::{NoticeChannel, Purpose};
use motcua::domain::role::Role;
use motcua::notices::templates;
use motcua::schema::{catalogue_version, dossiers, notices};
use serde_json::{Value, json};

use super::given::{House, People, UNIT, gateway, start};
use super::wording::{ship_another, versions};
use crate::support::answer::Answer;
use crate::support::program::motcua;

const SECOND: &str = "/notice-templates/result_early/sms/2";

/// A house with two admins, one who writes and one who reviews.
struct Given {
    house: House,
    writer: String,
    reviewer: String,
}

impl Given {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(set: impl FnOnce(&mut Config)) -> Self {
        let house = House::new(set);
        let (writer, reviewer) = (house.app.sign_in(Role::Admin, UNIT), house.app.sign_in(Role::Admin, UNIT));
        Self { house, writer, reviewer }
    }

    async fn write(&self, form: Value) -> Answer {
        self.house.app.post("/notice-templates", &self.writer, &form).await
    }

    /// Writes an SMS of an early result as version 2.
    async fn written(&self) -> Value {
        let text = "{sender}: Hồ sơ {code} đã xong sớm.[[ Nhận tại {place}.]]";
        self.write(json!({"purpose": "result_early", "channel": "sms", "text": text})).await.expect(201).body
    }

    async fn act(&self, path: &str, action: &str) -> Answer {
        let form = if action == "submit" { json!({"reason": "gọn hơn"}) } else { json!({}) };
        self.house.app.post(&format!("{path}/actions/{action}"), &self.writer, &form).await
    }

    async fn confirm(&self, submitted: &Answer, by: &str) -> Answer {
        let path = format!("/approvals/{}/actions/confirm", submitted.field("id"));
        self.house.app.post(&path, by, &json!({})).await
    }

    /// Writes version 2 and has it reviewed.
    async fn reviewed(&self) {
        self.written().await;
        let submitted = self.act(SECOND, "submit").await.expect(202);
        self.confirm(&submitted, &self.reviewer).await.expect(200);
    }

    async fn show(&self, path: &str) -> Value {
        self.house.app.get(path, &self.reviewer).await.expect(200).body
    }

    /// Writes a notice now, and tells by which version it is worded.
    async fn next_notice(&self) -> (NoticeId, Value) {
        let id = self.house.one_sms();
        let officer = self.house.app.sign_in(Role::Officer, UNIT);
        (id, self.house.app.get(&format!("/notices/{id}"), &officer).await.expect(200).body)
    }
}

#[tokio::test]
async fn a_wording_goes_from_draft_by_review_into_use_and_back() {
    let given = Given::new();
    let (old, _) = given.next_notice().await;
    let draft = given.written().await;
    assert_eq!((&draft["version"], &draft["state"], &draft["fold"]), (&json!(2), &json!("draft"), &json!("ascii")));
    assert_eq!(given.next_notice().await.1["template_version"], 1);

    let early = given.act(SECOND, "activate").await;
    assert_eq!((early.status, early.code()), (409, "not_reviewed"));
    let submitted = given.act(SECOND, "submit").await.expect(202);
    assert_eq!(submitted.field("subject"), "result_early/sms/2");
    assert_eq!(given.act(SECOND, "submit").await.code(), "already_proposed");
    let own = given.confirm(&submitted, &given.writer).await;
    assert_eq!((own.status, own.code()), (403, "second_person_needed"));
    assert_eq!(given.show(SECOND).await["state"], "draft");
    given.confirm(&submitted, &given.reviewer).await.expect(200);
    assert_eq!(given.show(SECOND).await["state"], "reviewed");
    assert_eq!(given.next_notice().await.1["template_version"], 1);

    given.act(SECOND, "activate").await.expect(200);
    let (_, told) = given.next_notice().await;
    assert_eq!(told["template_version"], 2);
    assert!(told["wording"]["text"].as_str().unwrap().ends_with("da xong som. Nhan tai Trung tam PVHCC tinh."));
    let officer = given.house.app.sign_in(Role::Officer, UNIT);
    let kept = given.house.app.get(&format!("/notices/{old}"), &officer).await.expect(200).body;
    assert_eq!(kept["template_version"], 1, "a notice keeps the version that it was worded with");
    assert!(kept["wording"]["text"].as_str().unwrap().contains("da co ket qua som"));

    let back = given.act(SECOND, "retire").await.expect(200).body;
    assert_eq!((&back["version"], &back["state"]), (&json!(1), &json!("active")));
    assert_eq!(given.next_notice().await.1["template_version"], 1);
    assert_eq!(given.act("/notice-templates/result_early/sms/1", "retire").await.code(), "no_earlier_version");
    given.act(SECOND, "activate").await.expect(200);
    assert_eq!(given.act(SECOND, "activate").await.code(), "already_active");
    assert_eq!(given.next_notice().await.1["template_version"], 2);
}

#[tokio::test]
async fn who_wrote_it_reviews_it_in_no_way() {
    let given = Given::new();
    given.written().await;
    // Another submits it, and the writer confirms.
    let form = json!({"reason": "xong"});
    let submit = format!("{SECOND}/actions/submit");
    let submitted = given.house.app.post(&submit, &given.reviewer, &form).await.expect(202);
    let own = given.confirm(&submitted, &given.writer).await;
    assert_eq!((own.status, own.code()), (403, "second_person_needed"));
    assert_eq!(given.show(SECOND).await["state"], "draft");
    let head = given.house.app.sign_in(Role::CentreHead, UNIT);
    given.confirm(&submitted, &head).await.expect(200);
    // And the database refuses it too, whoever asks.
    let sql = "UPDATE notice_templates SET reviewed_by = written_by WHERE version = 2";
    let refused = given.house.conn().batch_execute(sql).unwrap_err().to_string();
    assert!(refused.contains("notice_templates_two_people_check"), "{refused}");
}

#[tokio::test]
async fn every_fault_of_a_wording_is_told_when_it_is_saved() {
    let given = Given::new();
    let sms = |text: &str| json!({"purpose": "received", "channel": "sms", "text": text});
    for (form, faults) in [
        (json!({}), vec![("/purpose", "required"), ("/channel", "required"), ("/text", "required")]),
        (sms("Hồ sơ {codes}"), vec![("/text", "unknown_parameter")]),
        (sms("Hồ sơ {code"), vec![("/text", "unbalanced_bracket")]),
        (sms("Hẹn {due}"), vec![("/text", "may_be_missing")]),
        (sms("[[{reason}]]"), vec![("/text", "parameter_not_allowed_here")]),
        (sms("CCCD 052190000123"), vec![("/text", "looks_like_id_number")]),
        (sms("[[{one_time_code}]]"), vec![("/text", "misplaced_one_time_code")]),
        (
            json!({"purpose": "received", "channel": "email", "text": "{code", "subject": "{x}", "fold": "ascii",
                "max_segments": 2}),
            vec![
                ("/fold", "sms_only"),
                ("/max_segments", "sms_only"),
                ("/subject", "unknown_parameter"),
                ("/text", "unbalanced_bracket"),
            ],
        ),
        (
            json!({"purpose": "received", "channel": "zalo", "text": "{code}[[ {due}]]"}),
            vec![("/text", "optional_part_not_allowed")],
        ),
        (
            json!({"purpose": "received", "channel": "sms", "text": "{code}", "max_segments": 7, "fold": "half"}),
            vec![("/fold", "unknown_word"), ("/max_segments", "wrong_number")],
        ),
    ] {
        let refused = given.write(form.clone()).await.expect(422);
        assert_eq!(refused.faults(), faults, "{form}");
    }
    assert_eq!(versions(&mut given.house.conn(), Purpose::Received), [(1, "active".to_owned())]);
}

#[tokio::test]
async fn what_could_take_too_many_parts_is_not_reviewed() {
    let given = Given::new();
    let long = format!("{{sender}}: {{code}} {}[[ {{place}}]]", "Mời đến nhận. ".repeat(12));
    let form = json!({"purpose": "result_early", "channel": "sms", "text": long, "fold": "none"});
    let draft = given.write(form).await.expect(201).body;
    let sms = &draft["preview"]["sms"];
    assert_eq!((&sms["worst_folded"]["segments"], &sms["worst_segments"]), (&json!(3), &json!(6)));
    assert_eq!(draft["preview"]["faults"][0]["code"], "too_many_segments");
    let refused = given.act(SECOND, "submit").await.expect(422);
    assert_eq!(refused.faults(), [("/max_segments", "too_many_segments")]);
}

#[tokio::test]
async fn a_preview_tells_encoding_parts_and_price_and_writes_nothing() {
    let given = Given::new();
    let tariffs = json!({"items": [
        {"gateway": "esms", "kind": "folded", "valid_from": "2026-01-01", "vnd_per_segment": 850},
        {"gateway": "esms", "kind": "accented", "valid_from": "2026-01-01", "vnd_per_segment": "1050.50"},
        {"gateway": "esms", "kind": "accented", "valid_from": "2027-01-01", "vnd_per_segment": 9999},
    ]});
    given.house.app.put("/notices/tariffs", &given.writer, &tariffs).await.expect(200);
    let text = "{sender}: Hồ sơ {code} đã có kết quả.[[ Mời đến {place} nhận,]] mang giấy hẹn và giấy tờ tùy thân.";
    let form = json!({"purpose": "result_ready", "channel": "sms", "text": text, "fold": "saving"});
    let shown = given.house.app.post("/notice-templates/preview", &given.writer, &form).await.expect(200).body;
    let sms = &shown["sms"];
    let travel = |side: &str| (sms[side]["encoding"].clone(), sms[side]["segments"].clone());
    assert_eq!(travel("accented"), (json!("ucs2"), json!(3)));
    assert_eq!(travel("folded"), (json!("gsm7"), json!(1)));
    assert_eq!(travel("worst_folded"), (json!("gsm7"), json!(2)));
    assert_eq!(sms["worst_segments"], 2);
    assert_eq!(sms["accented"]["prices"][0]["vnd"], "3151.50");
    // It goes without its marks, since that saves two parts.
    let priced = json!([{"gateway": "esms", "telco": "any", "vnd_per_segment": "850.00", "vnd": "850.00"}]);
    assert_eq!(shown["prices"], priced);
    assert!(shown["example"]["text"].as_str().unwrap().contains("da co ket qua. Moi den Trung tam"));
    assert_eq!(shown["faults"], json!([]));
    assert_eq!(versions(&mut given.house.conn(), Purpose::ResultReady).len(), 1);
}

#[tokio::test]
async fn what_the_province_reviewed_outlives_an_upgrade() {
    let given = Given::new();
    given.reviewed().await;
    given.act(SECOND, "activate").await.expect(200);
    ship_another(&mut given.house.conn(), "result_early");
    assert_eq!(templates::sync(&mut given.house.conn(), start()).unwrap(), 1);
    let states = [(1, "retired"), (2, "active"), (3, "reviewed")].map(|(version, state)| (version, state.to_owned()));
    assert_eq!(versions(&mut given.house.conn(), Purpose::ResultEarly), states);
    assert_eq!(given.next_notice().await.1["template_version"], 2);
    assert_eq!(templates::sync(&mut given.house.conn(), start()).unwrap(), 0);
    // Whoever wants the shipped one takes it.
    given.act("/notice-templates/result_early/sms/3", "activate").await.expect(200);
    assert_eq!(given.next_notice().await.1["template_version"], 3);
}

/// Takes the words of a version in use for something that no program can read.
fn spoil(house: &House, version: i32) {
    let mut conn = house.conn();
    conn.batch_execute(&format!(
        "SET session_replication_role = replica;
         UPDATE notice_templates SET body = 'Hồ sơ {{kode}}'
         WHERE purpose = 'result_early' AND channel = 'sms' AND version = {version}"
    ))
    .unwrap();
    let next = catalogue_version::version.eq(catalogue_version::version + 1);
    diesel::update(catalogue_version::table).set(next).execute(&mut conn).unwrap();
}

#[tokio::test]
async fn where_a_wording_cannot_be_read_the_one_before_it_speaks_and_lint_names_it() {
    let given = Given::new();
    given.reviewed().await;
    given.act(SECOND, "activate").await.expect(200);
    let lint = || motcua(&given.house.app.db, given.house.app.dir.path(), &["wordings", "lint"]);
    assert!(lint().succeeds().out.contains("none has a fault"));
    spoil(&given.house, 2);
    assert_eq!(given.next_notice().await.1["template_version"], 1);
    let found = lint().fails(1, "1 of ");
    assert!(found.out.contains("result_early/sms/2: /text {kode} is no parameter"), "{found:?}");
    let listed = given.house.app.get("/notice-templates", &given.reviewer).await.expect(200);
    let item = listed.items().iter().find(|item| item["version"] == 2).unwrap();
    assert_eq!(item["faults"][0]["code"], "unknown_parameter");
    // A citizen never sees the brackets.
    spoil(&given.house, 1);
    let dossier = given.house.dossier("H48.24-260925-0001", &People::default());
    assert_eq!(given.house.enqueue(&given.house.cause(dossier, Purpose::ResultEarly)), 0);
}

#[tokio::test]
async fn zalo_is_used_once_its_vendor_has_given_the_wording_a_number() {
    let given = Given::with(|config| {
        config.gateways.insert("zalo".to_owned(), gateway("kind = \"file\"\nchannel = \"zalo\""));
    });
    let told = || {
        let code = format!("H48.24-260925-{}", uuid::Uuid::now_v7().simple());
        let dossier = given.house.dossier(&code, &People::default());
        let zalo = dossiers::notify_zalo.eq(true);
        diesel::update(dossiers::table.find(dossier)).set(zalo).execute(&mut given.house.conn()).unwrap();
        given.house.enqueue(&given.house.cause(dossier, Purpose::ResultReady));
        let by_zalo = notices::table.filter(notices::channel.eq(NoticeChannel::Zalo));
        let ids: Vec<NoticeId> =
            by_zalo.filter(notices::dossier_id.eq(dossier)).select(notices::id).load(&mut given.house.conn()).unwrap();
        ids
    };
    assert!(told().is_empty());
    let path = "/notice-templates/result_ready/zalo/1";
    assert_eq!(given.show(path).await["used"], false);
    let number = json!({"vendor_id": "342518"});
    let set = given.house.app.put(&format!("{path}/vendor-ids/zalo"), &given.writer, &number).await.expect(200);
    assert_eq!((&set.body["used"], &set.body["vendor_ids"]), (&json!(true), &json!({"zalo": "342518"})));
    let id = told().pop().unwrap();
    let officer = given.house.app.sign_in(Role::Officer, UNIT);
    let shown = given.house.app.get(&format!("/notices/{id}"), &officer).await.expect(200).body;
    assert_eq!((&shown["encoding"], &shown["segments"]), (&json!("utf8"), &json!(1)));
    let params = &shown["wording"]["params"];
    assert_eq!((&params["place"], &params["sender"]), (&json!("Trung tâm PVHCC tỉnh"), &json!("TTPVHCC")));
    assert!(shown["wording"]["text"].as_str().unwrap().contains(params["code"].as_str().unwrap()));
}

#[tokio::test]
async fn a_vendors_number_belongs_to_reviewed_words_and_never_changes_them() {
    let given = Given::new();
    given.written().await;
    let path = format!("{SECOND}/vendor-ids/vnpt");
    let set = async |body: Value| given.house.app.put(&path, &given.writer, &body).await;
    assert_eq!(set(json!({"vendor_id": "T-15"})).await.expect(409).code(), "not_reviewed");
    let submitted = given.act(SECOND, "submit").await.expect(202);
    given.confirm(&submitted, &given.reviewer).await.expect(200);
    let before = given.show(SECOND).await;
    set(json!({})).await.expect(422);
    assert_eq!(set(json!({"vendor_id": "mã 15"})).await.expect(422).faults(), [("/vendor_id", "wrong_vendor_id")]);
    set(json!({"vendor_id": "T-15"})).await.expect(200);
    let after = set(json!({"vendor_id": "T-16"})).await.expect(200).body;
    assert_eq!(after["vendor_ids"], json!({"vnpt": "T-16"}));
    assert_eq!((&after["text"], &after["reviewed_at"]), (&before["text"], &before["reviewed_at"]));
    // Its vendor keeps the words, so it gets the values, as they stand in the message.
    given.act(SECOND, "activate").await.expect(200);
    let (_, told) = given.next_notice().await;
    assert_eq!(told["wording"]["params"]["place"], "Trung tam PVHCC tinh");
    for wrong in ["/notice-templates/result_early/sms/9/vendor-ids/a", &format!("{SECOND}/vendor-ids/a%20b")] {
        given.house.app.put(wrong, &given.writer, &json!({"vendor_id": "1"})).await.expect(404);
    }
}

#[tokio::test]
async fn versions_are_listed_newest_first_and_parameters_with_their_bounds() {
    let given = Given::new();
    given.written().await;
    let clerk = given.house.app.sign_in(Role::Clerk, UNIT);
    let listed = given.house.app.get("/notice-templates/result_early/sms", &clerk).await.expect(200);
    let numbers: Vec<_> = listed.items().iter().map(|item| item["version"].clone()).collect();
    assert_eq!(numbers, [2, 1]);
    let page = given.house.app.get("/notice-templates/result_early/sms?limit=1", &clerk).await.expect(200);
    let cursor = page.field("next_cursor");
    let path = format!("/notice-templates/result_early/sms?limit=1&cursor={cursor}");
    assert_eq!(given.house.app.get(&path, &clerk).await.expect(200).items()[0]["version"], 1);
    let all = given.house.app.get("/notice-templates", &clerk).await.expect(200).body;
    let parameters = all["parameters"].as_array().unwrap();
    let place = parameters.iter().find(|parameter| parameter["name"] == "place").unwrap();
    assert_eq!(place["longest"], json!({"email": 200, "sms": 80, "zalo": 80}));
    let reason = parameters.iter().find(|parameter| parameter["name"] == "reason").unwrap();
    assert_eq!(reason["longest"], json!({"email": 3000}));
    for path in ["/notice-templates/lost/sms", "/notice-templates/received/pigeon", "/notice-templates/received/sms/x"]
    {
        given.house.app.get(path, &clerk).await.expect(404);
    }
    assert_eq!(given.act(SECOND, "burn").await.expect(404).code(), "no_such_action");
}
