use chrono::{DateTime, TimeDelta, Utc};
use data_encoding::HEXLOWER;
use diesel::prelude::*;
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::{NoticeStatus, Proof};
use motcua::schema::notice_receipts;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::server::ZaloServer;
use super::{house, one_notice};
use crate::notices::given::House;

/// What Zalo tells when a message has arrived.
fn arrived(id: NoticeId, at: DateTime<Utc>) -> String {
    let at = at.timestamp_millis().to_string();
    json!({
        "event_name": "user_received_message", "app_id": "4711", "timestamp": at,
        "sender": {"id": "579745863508352884"}, "recipient": {"id": "2468458835296197922"},
        "message": {"delivery_time": at, "msg_id": "a1b2c301", "tracking_id": id.to_string()},
    })
    .to_string()
}

/// The same event of a chat, which has no time of delivery.
fn chatted(at: DateTime<Utc>) -> String {
    let at = at.timestamp_millis().to_string();
    json!({
        "event_name": "user_received_message", "app_id": "4711", "timestamp": at,
        "message": {"msg_id": "a1b2c301", "text": "Chào Ông/Bà"},
    })
    .to_string()
}

fn signature(body: &str, at: DateTime<Utc>, secret: &str) -> String {
    let text = format!("4711{body}{}{secret}", at.timestamp_millis());
    format!("mac={}", HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
}

async fn told(house: &House, body: &str, signature: Option<&str>) -> u16 {
    let url = house.app.url("/callbacks/zalo/a-secret-of-zalos");
    let request = house.app.http.post(url).header("Content-Type", "application/json").body(body.to_owned());
    let request = signature.into_iter().fold(request, |request, mac| request.header("X-ZEvent-Signature", mac));
    house.app.send(request).await.status
}

const OURS: &str = "secret of the account";

async fn sent(server: &ZaloServer) -> (House, NoticeId) {
    let house = house(server);
    let id = one_notice(&house);
    assert_eq!(house.drain().await.sent, 1);
    (house, id)
}

#[tokio::test]
async fn a_signed_receipt_says_that_a_message_has_arrived_however_often_it_comes() {
    let server = ZaloServer::start();
    let (house, id) = sent(&server).await;
    let now = house.app.state.clock.now();
    let body = arrived(id, now);
    for _ in 0..3 {
        assert_eq!(told(&house, &body, Some(&signature(&body, now, OURS))).await, 200);
    }
    assert_eq!(house.take_receipts(), 3);
    assert_eq!(house.status(id), NoticeStatus::Delivered);
    let proofs: Vec<Proof> = notice_receipts::table.select(notice_receipts::proof).load(&mut house.conn()).unwrap();
    assert_eq!(proofs, [Proof::Signed; 3]);
}

#[tokio::test]
async fn what_is_unsigned_or_signed_by_another_or_stale_tells_nothing() {
    let server = ZaloServer::start();
    let (house, id) = sent(&server).await;
    let now = house.app.state.clock.now();
    let (body, old) = (arrived(id, now), now - TimeDelta::hours(25));
    let stale = arrived(id, old);
    let signed = signature(&body, now, OURS);
    let forged = [
        (&body, None),
        (&body, Some("mac=".to_owned())),
        (&body, Some(signature(&body, now, "another secret"))),
        (&body, Some(signature(&body, old, OURS))),
        (&stale, Some(signed)),
        (&stale, Some(signature(&stale, old, OURS))),
    ];
    for (body, signature) in &forged {
        assert_eq!(told(&house, body, signature.as_deref()).await, 404, "{signature:?}");
    }
    assert_eq!(house.take_receipts(), 0);
    assert_eq!(house.status(id), NoticeStatus::Sent);
}

#[tokio::test]
async fn other_news_of_the_account_are_answered_and_forgotten() {
    let server = ZaloServer::start();
    let (house, id) = sent(&server).await;
    let now = house.app.state.clock.now();
    let at = now.timestamp_millis().to_string();
    let follow = json!({"event_name": "follow", "app_id": "4711", "timestamp": at, "oa_id": "1"}).to_string();
    for body in [chatted(now), follow] {
        assert_eq!(told(&house, &body, Some(&signature(&body, now, OURS))).await, 200, "{body}");
    }
    let kept: i64 = notice_receipts::table.count().get_result(&mut house.conn()).unwrap();
    assert_eq!((kept, house.status(id)), (0, NoticeStatus::Sent));
}
