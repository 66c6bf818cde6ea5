//! Dead letters, and what operators do with them.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::domain::role::Role;
use motcua::schema::{notice_queue, notices};
use serde_json::{Value, json};

use super::dispatch::{by_get, that_knows_ids};
use super::gateway::{Does, SmsServer};
use super::given::{ELSEWHERE, House, People, UNIT, start};

impl House {
    fn sql(&self, sql: &str) {
        self.conn().batch_execute(sql).unwrap();
    }

    /// Ends a notice without its having arrived, and takes it out of the queue.
    pub fn kill(&self, id: NoticeId, status: &str) {
        self.sql(&format!(
            "DELETE FROM notice_queue WHERE notice_id = '{id}';
             UPDATE notices SET status = '{status}', gateway = 'http', final_at = created_at WHERE id = '{id}'"
        ));
    }

    pub async fn dead(&self, token: &str, query: &str) -> Value {
        self.app.get(&format!("/notices/dead?{query}"), token).await.expect(200).body
    }

    pub async fn act_on(&self, id: NoticeId, deed: &str, token: &str, body: Value) -> crate::support::answer::Answer {
        self.app.post(&format!("/notices/{id}/actions/{deed}"), token, &body).await
    }
}

fn reasons(page: &Value) -> Vec<(&str, i64)> {
    let rows = page["reasons"].as_array().unwrap().iter();
    rows.map(|row| (row["reason"].as_str().unwrap(), row["count"].as_i64().unwrap())).collect()
}

#[tokio::test]
async fn dead_letters_are_counted_by_reason_and_listed() {
    let house = House::new(|_| {});
    let ids = house.many_sms(6);
    for (id, status) in ids.iter().zip(["given_up", "given_up", "expired", "failed", "delivered"]) {
        house.kill(*id, status);
    }
    house.sql(&format!(
        "INSERT INTO notice_attempts (notice_id, attempt, gateway, started_at, outcome) VALUES
         ('{0}', 1, 'http', '2026-09-25', 'not_sent'), ('{0}', 2, 'http', '2026-09-26', 'account')",
        ids[3]
    ));
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    let page = house.dead(&head, "").await;
    assert_eq!(page["total"], 4);
    assert_eq!(reasons(&page), [("given_up", 2), ("account", 1), ("expired", 1)]);
    let listed: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(listed, [3, 2, 1, 0].map(|at: usize| ids[at].to_string()), "the newest first");
    assert_eq!(page["items"][0]["dead_reason"], "account");
    assert_eq!(reasons(&house.dead(&head, "reason=expired").await), [("expired", 1)]);
    let narrowed = [
        ("channel=sms&gateway=http&purpose=result_early&unit=H48.24&from=2026-09-25&to=2026-09-26", 4),
        ("channel=email", 0),
        ("gateway=kannel", 0),
        ("purpose=received", 0),
        ("unit=H48.25", 0),
        ("from=2026-09-26", 0),
        ("to=2026-09-25", 0),
    ];
    for (query, count) in narrowed {
        assert_eq!(house.dead(&head, query).await["total"], count, "{query}");
    }
    let first = house.dead(&head, "limit=3").await;
    let rest = house.dead(&head, &format!("limit=3&cursor={}", first["next_cursor"].as_str().unwrap())).await;
    assert_eq!((first["items"].as_array().unwrap().len(), rest["items"].as_array().unwrap().len()), (3, 1));
    for wrong in [
        "reason=late",
        "channel=x",
        "purpose=x",
        "from=x",
        "from=-9999-01-01",
        "to=99999-01-01",
        "from=2026-09-26&to=2026-09-25",
        "from=2026-09-25&to=2026-09-25",
        "gateway=0905123456",
        "colour=red",
        "limit=0",
    ] {
        assert_eq!(house.app.get(&format!("/notices/dead?{wrong}"), &head).await.status, 422, "{wrong}");
    }
    house.app.get("/notices/dead?unit=H99", &head).await.expect(404);
    let stranger = house.app.sign_in(Role::Officer, ELSEWHERE);
    assert_eq!(house.dead(&stranger, "").await["total"], 0);
}

#[tokio::test]
async fn one_in_doubt_is_dead_when_no_receipt_came_for_a_quarter_of_an_hour() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    house.one_sms();
    server.next([Does::TakesAndDrops]);
    house.drain().await;
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    house.app.pass(TimeDelta::minutes(14));
    assert_eq!(house.dead(&head, "").await["total"], 0);
    house.app.pass(TimeDelta::minutes(2));
    assert_eq!(reasons(&house.dead(&head, "").await), [("in_doubt", 1)]);
}

#[tokio::test]
async fn an_invitation_to_a_result_that_was_handed_over_is_no_dead_letter_and_is_not_sent_again() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    house.kill(id, "given_up");
    house.sql("UPDATE dossiers SET status = 'returned', returned_at = '2026-09-25'");
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    assert_eq!(house.dead(&head, "").await["total"], 0);
    let refused = house.act_on(id, "replay", &head, json!({"reason": "lại"})).await;
    assert_eq!((refused.status, refused.code()), (409, "notice_overtaken"));
}

#[tokio::test]
async fn what_is_replayed_goes_out_under_its_own_number() {
    let server = SmsServer::start();
    let house = House::new(that_knows_ids(&server));
    let id = house.one_sms();
    house.drain().await;
    house.kill(id, "given_up");
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let replayed = house.act_on(id, "replay", &clerk, json!({"reason": "cổng gửi đã chạy lại"})).await.expect(200);
    assert_eq!(replayed.body["status"], "queued");
    house.app.pass(TimeDelta::seconds(1));
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!((server.taken().len(), server.repeated()), (1, 1), "the gateway knew it");
    let deeds = house.app.get(&format!("/notices/{id}"), &clerk).await.expect(200).body["deeds"].clone();
    assert_eq!(deeds[0]["what"], "replay");
}

#[tokio::test]
async fn on_another_channel_the_same_is_said_in_the_words_of_that_channel() {
    let house = House::new(|_| {});
    let people = People { flags: (true, true), email: Some("anh@example.vn"), ..People::default() };
    let dossier = house.dossier("H48.24-260925-0777", &people);
    // Worded for SMS alone, as if the address had come later.
    house.sql("UPDATE dossiers SET notify_email = false");
    house.enqueue(&house.cause(dossier, Purpose::ResultEarly));
    house.sql("UPDATE dossiers SET notify_email = true");
    let id: NoticeId = notices::table.select(notices::id).first(&mut house.conn()).unwrap();
    house.kill(id, "failed");
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    let body = json!({"reason": "máy tắt", "channel": "email"});
    let parent = house.act_on(id, "replay_on", &head, body.clone()).await.expect(200).body;
    assert_eq!((&parent["status"], &parent["settled"]), (&json!("failed"), &json!("other_channel")));
    let child = parent["deeds"][0]["child"].as_str().unwrap().to_owned();
    let shown = house.app.get(&format!("/notices/{child}"), &head).await.expect(200).body;
    assert_eq!((&shown["channel"], &shown["parent"]), (&json!("email"), &json!(id.to_string())));
    assert_eq!((&shown["address"], &shown["purpose"]), (&json!("a***@e***.vn"), &json!("result_early")));
    let text = shown["wording"]["text"].as_str().unwrap();
    assert!(text.contains("Trung tâm PVHCC tỉnh"), "the facts were kept: {text}");
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(house.dead(&head, "").await["total"], 0, "the parent is settled, the child went out");
    let again = house.act_on(id, "replay_on", &head, body).await;
    assert_eq!((again.status, again.code()), (409, "no_other_channel"));
}

#[tokio::test]
async fn no_channel_is_used_that_the_dossier_does_not_allow_or_that_leads_nowhere() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    house.kill(id, "failed");
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    for channel in ["email", "zalo", "sms"] {
        let refused = house.act_on(id, "replay_on", &head, json!({"reason": "x", "channel": channel})).await;
        assert_eq!((refused.status, refused.code()), (409, "no_other_channel"), "{channel}");
    }
    let count: i64 = notices::table.count().get_result(&mut house.conn()).unwrap();
    assert_eq!(count, 1);
}

#[tokio::test]
async fn only_what_nobody_has_begun_to_send_is_cancelled() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    house.sql("UPDATE notice_queue SET lease_token = gen_random_uuid()");
    let refused = house.act_on(id, "cancel", &head, json!({"reason": "nhầm"})).await;
    assert_eq!((refused.status, refused.code()), (409, "notice_under_way"));
    house.sql("UPDATE notice_queue SET lease_token = NULL");
    house.act_on(id, "cancel", &head, json!({"reason": "nhầm"})).await.expect(200);
    assert_eq!((house.status(id), house.drain().await.claimed), (NoticeStatus::Cancelled, 0));
    let refused = house.act_on(id, "cancel", &head, json!({"reason": "nhầm"})).await;
    assert_eq!((refused.status, refused.code()), (409, "notice_not_cancellable"));
}

#[tokio::test]
async fn who_was_called_up_stands_in_the_history_and_in_no_list_any_more() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let told = json!({"reason": "con gái nghe máy", "told_at": "2026-09-25T08:50:00+07:00"});
    let refused = house.act_on(id, "told_by_phone", &clerk, told.clone()).await;
    assert_eq!((refused.status, refused.code()), (409, "notice_not_open"));
    house.kill(id, "given_up");
    let shown = house.act_on(id, "told_by_phone", &clerk, told).await.expect(200).body;
    assert_eq!((&shown["status"], &shown["settled"]), (&json!("given_up"), &json!("told_by_phone")));
    let deed = &shown["deeds"][0];
    assert_eq!((&deed["reason"], &deed["told_at"]), (&json!("con gái nghe máy"), &json!("2026-09-25T08:50:00+07:00")));
    assert_eq!(house.dead(&clerk, "").await["total"], 0);
}

#[tokio::test]
async fn every_fault_of_a_deed_is_told() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let faults = async |deed: &str, body: Value| {
        let answer = house.act_on(id, deed, &clerk, body).await.expect(422);
        answer.faults().into_iter().map(|(at, code)| format!("{at} {code}")).collect::<Vec<_>>()
    };
    assert_eq!(faults("replay", json!({})).await, ["/reason required"]);
    assert_eq!(faults("replay_on", json!({"reason": "x"})).await, ["/channel required"]);
    let much = json!({"reason": "x", "channel": "sms", "told_at": "2026-09-25T08:50:00+07:00"});
    assert_eq!(faults("cancel", much).await, ["/channel not_for_this", "/told_at not_for_this"]);
    let later = json!({"reason": "x", "told_at": "2026-09-25T09:01:00+07:00"});
    assert_eq!(faults("told_by_phone", later).await, ["/told_at wrong_moment"]);
    house.act_on(id, "delete", &clerk, json!({"reason": "x"})).await.expect(404);
}

#[tokio::test]
async fn many_are_replayed_by_a_filter_and_go_out_one_after_the_other() {
    let house = House::new(|config| config.notices.replay_per_second = 2);
    let ids = house.many_sms(5);
    ids.iter().take(4).for_each(|id| house.kill(*id, "given_up"));
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let path = "/notices/actions/replay";
    let body = json!({"filter": {"reason": "given_up"}, "reason": "cổng gửi đã chạy lại", "dry_run": true});
    assert_eq!(house.app.post(path, &clerk, &body).await.expect(200).body["count"], 4);
    let body = json!({"filter": {"reason": "given_up"}, "reason": "cổng gửi đã chạy lại"});
    let done = house.app.post(path, &clerk, &body).await.expect(200).body;
    assert_eq!((&done["count"], &done["approval"]), (&json!(4), &json!(null)));
    let due: Vec<chrono::DateTime<chrono::Utc>> = notice_queue::table
        .filter(notice_queue::notice_id.ne(ids[4]))
        .order(notice_queue::run_at)
        .select(notice_queue::run_at)
        .load(&mut house.conn())
        .unwrap();
    let waits: Vec<i64> = due.iter().map(|at| (*at - start()).num_milliseconds()).collect();
    assert_eq!(waits, [0, 500, 1000, 1500]);
    assert_eq!(house.app.post(path, &clerk, &body).await.expect(200).body["count"], 0);
    let stranger = house.app.sign_in(Role::Clerk, ELSEWHERE);
    let cancel = json!({"filter": {}, "reason": "x"});
    let none = house.app.post("/notices/actions/cancel", &stranger, &cancel).await.expect(200);
    assert_eq!(none.body["count"], 0, "nobody reaches further than they see");
    let all = house.app.post("/notices/actions/cancel", &clerk, &cancel).await.expect(200);
    assert_eq!(all.body["count"], 5);
    let faults = house.app.post("/notices/actions/cancel", &clerk, &json!({"filter": {"reason": "expired"}})).await;
    assert_eq!(faults.expect(422).pointers(), ["/filter/reason", "/reason"]);
    let faults = house.app.post(path, &clerk, &json!({"reason": "x"})).await.expect(422);
    assert_eq!(faults.faults(), [("/filter", "required")]);
}
