use chrono::TimeDelta;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::domain::role::Role;
use serde_json::json;

use super::dispatch::by_get;
use super::gateway::{Does, SmsServer};
use super::given::{ELSEWHERE, House, People, UNIT};

#[tokio::test]
async fn a_notice_is_shown_with_its_words_and_attempts_and_a_masked_number() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let id = house.one_sms();
    house.drain().await;
    let token = house.app.sign_in(Role::Officer, UNIT);
    let body = house.app.get(&format!("/notices/{id}"), &token).await.expect(200).body;
    assert_eq!(body["status"], "sent");
    assert_eq!(body["address"], "0905***456");
    assert_eq!(body["segments"], 1);
    assert!(body["wording"]["text"].as_str().unwrap().contains("da co ket qua som"));
    assert_eq!(body["tries"][0]["outcome"], "accepted");
    assert!(!body.to_string().contains("905123456"));
}

#[tokio::test]
async fn who_may_not_know_of_a_dossier_finds_none_of_its_notices() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    let path = format!("/notices/{id}");
    for (role, unit, expected) in [
        (Role::Officer, UNIT, 200),
        (Role::Clerk, UNIT, 200),
        (Role::Auditor, ELSEWHERE, 200),
        (Role::Officer, ELSEWHERE, 404),
        (Role::Clerk, ELSEWHERE, 404),
        (Role::Admin, UNIT, 403),
    ] {
        let token = house.app.sign_in(role, unit);
        assert_eq!(house.app.get(&path, &token).await.status, expected, "{role}");
        let list = house.app.get("/notices", &token).await;
        if list.status == 200 {
            assert_eq!(list.items().len(), usize::from(expected == 200), "{role}");
        }
    }
    house.app.read(&path).await.expect(401);
}

#[tokio::test]
async fn the_list_is_narrowed_and_paged() {
    let house = House::new(|_| {});
    house.many_sms(3);
    house.drain().await;
    let dossier = house.dossier("H48.24-260925-0777", &People::default());
    house.enqueue(&house.cause(dossier, Purpose::Received));
    let token = house.app.sign_in(Role::CentreHead, UNIT);
    let count = async |query: &str| {
        let list = house.app.get(&format!("/notices?{query}"), &token).await;
        assert_eq!(list.status, 200, "{query}: {}", list.text);
        list.items().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("status=sent").await, 3);
    assert_eq!(count("status=queued").await, 1);
    assert_eq!(count("status=sending").await, 0);
    assert_eq!(count("channel=email").await, 0);
    assert_eq!(count("dossier=H48.24-260925-0777").await, 1);
    let cursor = house.app.get("/notices?limit=3", &token).await.field("next_cursor");
    assert_eq!(count(&format!("limit=3&cursor={cursor}")).await, 1);
    for wrong in ["status=lost", "channel=pigeon", "limit=0", "cursor=x", "colour=red"] {
        assert_eq!(house.app.get(&format!("/notices?{wrong}"), &token).await.status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn only_what_did_not_arrive_is_sent_again() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let id = house.one_sms();
    let path = format!("/notices/{id}/resend");
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let post = async |path: &str, token: &str| house.app.post(path, token, &json!({})).await;
    let refused = post(&path, &clerk).await;
    assert_eq!((refused.status, refused.code()), (409, "notice_not_resendable"));
    server.next([Does::TakesAndDrops]);
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::InDoubt);
    let officer = house.app.sign_in(Role::Officer, UNIT);
    post(&path, &officer).await.expect(403);
    let resent = post(&path, &clerk).await.expect(200);
    assert_eq!(resent.body["status"], "queued");
    house.app.pass(TimeDelta::seconds(1));
    assert_eq!(house.drain().await.sent, 1);
    post(&path, &clerk).await.expect(409);
    post("/notices/not-a-key/resend", &clerk).await.expect(404);
}

#[tokio::test]
async fn notices_of_a_period_are_counted() {
    let house = House::new(|_| {});
    house.many_sms(2);
    let token = house.app.sign_in(Role::Auditor, UNIT);
    let path = "/notices/summary?from=2026-09-25&to=2026-09-26";
    let body = house.app.get(path, &token).await.expect(200).body;
    assert_eq!(body["total"], 2);
    assert_eq!(body["rows"][0]["purpose"], "result_early");
    assert_eq!(body["rows"][0]["count"], 2);
    let empty = house.app.get("/notices/summary?from=2026-09-24&to=2026-09-25", &token).await;
    assert_eq!(empty.body["total"], 0);
    for wrong in ["", "from=2026-09-25", "from=x&to=y", "from=2026-09-25&to=2026-09-25"] {
        assert_eq!(house.app.get(&format!("/notices/summary?{wrong}"), &token).await.status, 422, "{wrong}");
    }
    let to_come = house.app.get("/notices/summary?from=2026-09-26&to=2026-09-27", &token).await.expect(422);
    assert_eq!(to_come.faults(), [("?from", "period_in_the_future")]);
}

#[tokio::test]
async fn the_centre_head_pauses_and_resumes_sending() {
    let house = House::new(|_| {});
    house.one_sms();
    let head = house.app.sign_in(Role::CentreHead, UNIT);
    let pause = "/notices/sending/actions/pause";
    house.app.post(pause, &head, &json!({})).await.expect(422);
    let paused = house.app.post(pause, &head, &json!({"reason": "thử"})).await.expect(200);
    assert_eq!(paused.body["paused"], true);
    assert_eq!(house.drain().await.claimed, 0);
    house.app.post("/notices/sending/actions/resume", &head, &json!({})).await.expect(200);
    assert_eq!(house.drain().await.sent, 1);
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    house.app.post(pause, &clerk, &json!({"reason": "x"})).await.expect(403);
}
