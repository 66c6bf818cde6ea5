use std::io::{Read, Write};

use chrono::TimeDelta;
use motcua::domain::notice::NoticeStatus;
use reqwest::RequestBuilder;
use secrecy::SecretString;
use serde_json::json;

use super::dispatch::by_get;
use super::gateway::{Does, SmsServer};
use super::given::{House, sms};
use crate::support::client::JsonBody;

const SECRET: &str = "a-long-secret-of-the-gateway";

fn house(server: &SmsServer) -> House {
    let describe = by_get(server);
    House::new(|config| {
        describe(config);
        sms(config).receipts.secret = SecretString::from(SECRET);
    })
}

async fn receipt(house: &House, query: &str) -> u16 {
    house.app.read(&format!("/callbacks/sms/{SECRET}?{query}")).await.status
}

/// Sends a receipt as a body.
async fn posted(house: &House, shape: impl FnOnce(RequestBuilder) -> RequestBuilder) -> u16 {
    house.app.send(shape(house.app.http.post(house.app.url(&format!("/callbacks/sms/{SECRET}"))))).await.status
}

#[tokio::test]
async fn a_receipt_tells_that_a_message_has_arrived_and_later_ones_do_not_undo_it() {
    let server = SmsServer::start();
    let house = house(&server);
    let id = house.one_sms();
    house.drain().await;
    for code in ["4", "1", "2", "1", "8"] {
        assert_eq!(receipt(&house, &format!("id={id}&status={code}")).await, 200);
    }
    assert_eq!(house.take_receipts(), 5);
    assert_eq!(house.status(id), NoticeStatus::Delivered);
    assert_eq!(receipt(&house, "reference=4711&status=2").await, 200);
    house.take_receipts();
    assert_eq!(house.status(id), NoticeStatus::Delivered);
}

#[tokio::test]
async fn a_receipt_by_the_gateways_own_number_is_found() {
    let server = SmsServer::start();
    let house = house(&server);
    let id = house.one_sms();
    house.drain().await;
    let body = json!({"reference": 4711, "status": "UNDELIV"});
    assert_eq!(posted(&house, |request| request.json_body(&body)).await, 200);
    assert_eq!(house.take_receipts(), 1);
    assert_eq!(house.status(id), NoticeStatus::Failed);
}

#[tokio::test]
async fn a_receipt_ends_the_doubt() {
    let server = SmsServer::start();
    let house = house(&server);
    let id = house.one_sms();
    server.next([Does::TakesAndDrops]);
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::InDoubt);
    receipt(&house, &format!("id={id}&status=8&reference=abc")).await;
    house.take_receipts();
    assert_eq!(house.status(id), NoticeStatus::Sent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_may_come_before_the_record_of_sending() {
    let server = SmsServer::start();
    let house = house(&server);
    let id = house.one_sms();
    receipt(&house, &format!("id={id}&status=1")).await;
    house.take_receipts();
    // The worker that sent it died before it could say so: it is not sent again.
    assert_eq!(house.drain().await.sent, 0);
    assert!(server.asked().is_empty());
    assert_eq!(house.status(id), NoticeStatus::Delivered);
    assert_eq!(house.queued().0, 0);
}

#[tokio::test]
async fn rubbish_and_strangers_change_nothing() {
    let server = SmsServer::start();
    let house = house(&server);
    let id = house.one_sms();
    house.drain().await;
    for path in [format!("/callbacks/sms/wrong?id={id}&status=1"), format!("/callbacks/smtp/{SECRET}?id={id}&status=1")]
    {
        assert_eq!(house.app.read(&path).await.status, 404, "{path}");
    }
    assert_eq!(receipt(&house, "status=1").await, 422);
    assert_eq!(receipt(&house, &format!("id={id}")).await, 422);
    assert_eq!(receipt(&house, "id=nonsense&status=1").await, 422);
    let json = |request: RequestBuilder| request.header("Content-Type", "application/json");
    assert_eq!(posted(&house, |request| json(request).body("{nope")).await, 400);
    let long = json!({"a": "x".repeat(20_000)});
    assert_eq!(posted(&house, |request| request.json_body(&long)).await, 413);
    assert_eq!(house.take_receipts(), 0);
    assert_eq!(house.status(id), NoticeStatus::Sent);
    // One that fits nothing is put aside after a while.
    assert_eq!(receipt(&house, "reference=unknown&status=1").await, 200);
    house.app.pass(TimeDelta::minutes(11));
    assert_eq!(house.take_receipts(), 0);
}

#[tokio::test]
async fn a_receipt_that_was_cut_says_nothing() {
    let server = SmsServer::start();
    let house = house(&server);
    let id = house.one_sms();
    house.drain().await;
    let address = house.app.address().trim_start_matches("http://").to_owned();
    let cut = format!(
        "POST /api/v1/callbacks/sms/{SECRET} HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: 500\r\n\r\nid={id}&status=1"
    );
    let sent = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.write_all(cut.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let _reset = stream.read_to_end(&mut Vec::new());
    });
    sent.await.unwrap();
    assert_eq!(house.take_receipts(), 0);
    assert_eq!(house.status(id), NoticeStatus::Sent);
}

#[tokio::test]
async fn without_a_secret_no_receipt_is_taken() {
    let house = House::new(|_| {});
    assert_eq!(house.app.read("/callbacks/sms/?id=1&status=1").await.status, 404);
    assert_eq!(house.app.read("/callbacks/sms/x?id=1&status=1").await.status, 404);
}
