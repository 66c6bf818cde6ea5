use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::notices::{pause_sending, resume_sending};
use motcua::schema::{notice_queue, notices};

use super::gateway::{Does, SmsServer};
use super::given::{House, People, gateway, sms};
use crate::support::app::at;

/// A gateway that is asked by GET, as Kannel is.
pub const BY_GET: &str = r#"
kind = "http"
answer = { code = ["/code"], reference = "/sms/id", accepted = ["100"], recipient = ["99"], account = ["103"], elsewhere = ["25"] }
[request]
method = "get"
params = { phone = "{to_local}", text = "{text}", id = "{id}" }
"#;

/// What the settings say of the server besides.
pub fn by_get(server: &SmsServer) -> impl FnOnce(&mut Config) + use<> {
    let url = format!("url = \"{}/send\"\n", server.url);
    move |config| {
        config.gateways.insert("sms".to_owned(), gateway(&format!("{BY_GET}{url}")));
    }
}

/// The same one, which knows repeated ids.
pub fn that_knows_ids(server: &SmsServer) -> impl FnOnce(&mut Config) + use<> {
    let more = format!(
        "url = \"{}/send\"\nheaders = {{ X-Knows-Ids = \"yes\" }}\n[sending]\nclass = \"idempotent\"\nknown_for_s = 86400\n",
        server.url
    );
    move |config| {
        config.gateways.insert("sms".to_owned(), gateway(&format!("{BY_GET}{more}")));
    }
}

#[tokio::test]
async fn an_sms_goes_to_the_gateway_as_the_settings_say() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let dossier = house.dossier("H48.24-260925-0001", &People::default());
    house.enqueue(&house.cause(dossier, Purpose::ResultEarly));
    let tick = house.drain().await;
    assert_eq!((tick.claimed, tick.sent), (1, 1));
    let asked = &server.asked()[0];
    assert!(asked.line.starts_with("GET /send?"), "{}", asked.line);
    assert!(asked.line.contains("phone=0905123456"));
    assert!(asked.line.contains("text=TTPVHCC%3A+Ho+so+H48.24-260925-0001+da+co+ket+qua+som."));
    let row: (String, Option<String>, i16) = notices::table
        .select((notices::status, notices::gateway_ref, notices::attempts))
        .first(&mut house.conn())
        .unwrap();
    assert_eq!(row, ("sent".to_owned(), Some("4711".to_owned()), 1));
    assert_eq!(house.queued().0, 0);
}

#[tokio::test]
async fn a_json_gateway_gets_json_whatever_the_text_holds() {
    let server = SmsServer::start();
    let table = format!(
        r#"
        kind = "http"
        answer = {{ code = ["/code"], accepted = ["100"] }}
        [request]
        method = "json"
        url = "{}/send"
        body = '{{"id":"{{id}}","to":["{{to}}"],"text":"{{text}}","type":2}}'
        "#,
        server.url
    );
    let house = House::new(|config| {
        config.gateways.insert("sms".to_owned(), gateway(&table));
        config.notices.sender = "TT \"{id}\" \\".to_owned();
    });
    house.one_sms();
    assert_eq!(house.drain().await.sent, 1);
    let body: serde_json::Value = serde_json::from_str(&server.asked()[0].body).unwrap();
    assert_eq!(body["to"][0], "84905123456");
    assert_eq!(body["type"], 2);
    assert!(body["text"].as_str().unwrap().starts_with("TT \"{id}\" \\: Ho so"));
}

#[tokio::test]
async fn a_refused_number_is_not_tried_again() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let id = house.one_sms();
    server.next([Does::Says(200, "", "{\"code\":\"99\"}")]);
    assert_eq!(house.drain().await.failed, 1);
    house.app.pass(TimeDelta::hours(1));
    assert_eq!(house.drain().await.claimed, 0);
    assert_eq!(house.status(id), NoticeStatus::Failed);
    assert_eq!(house.outcomes(id), ["recipient"]);
}

#[tokio::test]
async fn garbage_a_lost_answer_and_a_slow_one_leave_a_message_in_doubt_and_it_is_not_resent() {
    for does in [Does::TakesAndMumbles, Does::TakesAndDrops, Does::TakesAndWaits, Does::Says(500, "", "")] {
        let server = SmsServer::start();
        let describe = by_get(&server);
        let house = House::new(|config| {
            describe(config);
            sms(config).sending.timeout_ms = 300;
        });
        let id = house.one_sms();
        server.next([does.clone()]);
        assert_eq!(house.drain().await.in_doubt, 1, "{does:?}");
        house.app.pass(TimeDelta::hours(1));
        assert_eq!(house.drain().await.claimed, 0);
        assert_eq!(house.status(id), NoticeStatus::InDoubt);
        assert_eq!(server.asked().len(), 1);
        server.open_the_gate();
    }
}

#[tokio::test]
async fn a_gateway_that_knows_ids_is_asked_again_and_sends_once() {
    for does in [Does::TakesAndMumbles, Does::TakesAndDrops] {
        let server = SmsServer::start();
        let house = House::new(that_knows_ids(&server));
        let id = house.one_sms();
        server.next([does]);
        assert_eq!(house.drain().await.retried, 1);
        house.app.pass(TimeDelta::seconds(13));
        assert_eq!(house.drain().await.sent, 1);
        assert_eq!(server.taken(), [id.to_string()]);
        assert_eq!(server.repeated(), 1);
        assert_eq!(house.outcomes(id), ["ambiguous", "accepted"]);
    }
}

#[tokio::test]
async fn a_gateway_that_is_away_is_tried_by_the_schedule_and_then_given_up() {
    let house = House::new(|config| {
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("url = \"http://{}/\"\n", closed.local_addr().unwrap());
        config.gateways.insert("sms".to_owned(), gateway(&format!("{BY_GET}{url}")));
        config.notices.retry_s = vec![10, 30];
    });
    let id = house.one_sms();
    for wait in [0, 7, 12, 23, 36] {
        house.app.pass(TimeDelta::seconds(wait));
        house.drain().await;
    }
    assert_eq!(house.status(id), NoticeStatus::GivenUp);
    assert_eq!(house.outcomes(id), ["not_sent"; 3]);
    assert_eq!(house.queued().0, 0);
}

#[tokio::test]
async fn who_is_asked_to_come_more_slowly_does_and_it_costs_no_try() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    house.one_sms();
    server.next([Does::Says(429, "Retry-After: 60\r\n", "")]);
    house.drain().await;
    assert_eq!(house.queued(), (1, Some(0)));
    house.app.pass(TimeDelta::seconds(40));
    assert_eq!(house.drain().await.claimed, 0);
    house.app.pass(TimeDelta::seconds(40));
    assert_eq!(house.drain().await.sent, 1);
}

#[tokio::test]
async fn a_wrong_key_stops_the_lane_and_costs_no_try() {
    let server = SmsServer::start();
    let describe = by_get(&server);
    let house = House::new(|config| {
        describe(config);
        sms(config).sending.in_flight = 1;
        config.notices.batch = 5;
    });
    house.many_sms(5);
    server.next([Does::Says(200, "", "{\"code\":\"103\"}")]);
    let lanes = house.lanes();
    let first = lanes[0].tick(&house.app.state, &house.stop).await.unwrap();
    assert_eq!((first.claimed, first.retried), (1, 1));
    let second = lanes[0].tick(&house.app.state, &house.stop).await.unwrap();
    assert_eq!(second.claimed, 0);
    assert_eq!(server.asked().len(), 1);
    house.app.pass(TimeDelta::seconds(90));
    assert_eq!(house.drain().await.sent, 5);
}

#[tokio::test]
async fn nothing_goes_out_while_sending_is_paused() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    house.one_sms();
    house.act(|conn, act| pause_sending(conn, act, "restored")).unwrap();
    assert_eq!(house.drain().await.claimed, 0);
    house.act(resume_sending).unwrap();
    assert_eq!(house.drain().await.sent, 1);
}

#[tokio::test]
async fn what_is_too_late_is_not_sent() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let id = house.one_sms();
    house.app.pass(TimeDelta::hours(73));
    assert_eq!(house.drain().await.expired, 1);
    assert_eq!(house.status(id), NoticeStatus::Expired);
    assert!(server.asked().is_empty());
}

#[tokio::test]
async fn nobody_is_written_to_by_night_and_the_morning_is_spread() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    house.app.pass(TimeDelta::hours(13));
    house.many_sms(12);
    assert_eq!(house.drain().await.claimed, 0, "22:00");
    let due: Vec<chrono::DateTime<chrono::Utc>> =
        notice_queue::table.select(notice_queue::run_at).order(notice_queue::run_at).load(&mut house.conn()).unwrap();
    let (opens, spread) = (at("2026-09-26 07:00"), at("2026-09-26 07:30"));
    assert!(due.iter().all(|due| (opens..spread).contains(due)), "{due:?}");
    assert!(due[11] - due[0] > TimeDelta::minutes(5), "{due:?}");
    house.app.pass(TimeDelta::minutes(570));
    assert_eq!(house.drain().await.sent, 12, "07:30");
}

#[tokio::test]
async fn what_is_overtaken_by_the_night_waits_for_the_morning_and_loses_no_try() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    house.app.pass(TimeDelta::minutes(12 * 60 + 20));
    house.one_sms();
    house.app.pass(TimeDelta::minutes(20));
    assert_eq!(house.drain().await.sent, 0, "21:40");
    assert!(server.asked().is_empty());
    assert_eq!(house.queued(), (1, Some(0)));
    house.app.pass(TimeDelta::minutes(590));
    assert_eq!(house.drain().await.sent, 1, "07:30");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_dispatchers_send_each_message_once() {
    let server = SmsServer::start();
    let describe = by_get(&server);
    let house = House::new(|config| {
        describe(config);
        sms(config).sending.in_flight = 8;
    });
    let ids = house.many_sms(120);
    let (first, second) = tokio::join!(house.drain(), house.drain());
    assert_eq!(first.sent + second.sent, 120);
    let mut expected: Vec<String> = ids.iter().map(ToString::to_string).collect();
    expected.sort();
    assert_eq!(server.taken(), expected);
}

#[tokio::test]
async fn without_a_gateway_sms_land_in_the_file_of_the_day() {
    let house = House::new(|_| {});
    let ids = house.many_sms(3);
    assert_eq!(house.drain().await.sent, 3);
    let file = house.app.state.config.data.dir.join("outbox/sms-2026-09-25.txt");
    let text = std::fs::read_to_string(file).unwrap();
    assert_eq!(text.lines().count(), 3);
    for id in ids {
        let line = text.lines().find(|line| line.contains(&id.to_string())).unwrap();
        assert!(line.contains("\t+84905123456\tTTPVHCC: Ho so H48.24-260925-"), "{line}");
    }
}
