use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::domain::notice::NoticeStatus;
use motcua::notices::sending::drain;
use motcua::schema::notices;
use serde_json::{Value, json};

use super::server::ZaloServer;
use super::{house, house_with, one_notice, written};
use crate::notices::given::House;

#[tokio::test]
async fn a_message_goes_out_by_zalos_number_for_its_wording_with_the_values_by_name() {
    let server = ZaloServer::start();
    let house = house(&server);
    let id = one_notice(&house);
    assert_eq!(house.drain().await.sent, 1);
    let message = &server.messages()[0];
    assert!(message.headers.contains("access_token: access-1\r\n"), "{}", message.headers);
    let asked: Value = serde_json::from_str(&message.body).unwrap();
    assert_eq!((&asked["phone"], &asked["template_id"]), (&json!("84905123456"), &json!("342518")));
    assert_eq!(asked["tracking_id"], id.to_string());
    let values = &asked["template_data"];
    assert_eq!((&values["place"], &values["sender"]), (&json!("Trung tâm PVHCC tỉnh"), &json!("TTPVHCC")));
    assert!(values["code"].as_str().unwrap().starts_with("H48.24-260925-"));
    assert_eq!(values.as_object().unwrap().len(), 3, "nothing that the wording does not say");
    let kept: (NoticeStatus, Option<String>) =
        notices::table.find(id).select((notices::status, notices::gateway_ref)).first(&mut house.conn()).unwrap();
    assert_eq!(kept, (NoticeStatus::Sent, Some("a1b2c301".to_owned())));
}

#[tokio::test]
async fn what_zalo_answers_is_understood() {
    let server = ZaloServer::start();
    let house = house(&server);
    for (error, outcome) in [
        ("-118", "recipient"),
        ("-119", "recipient"),
        ("-114", "recipient"),
        ("-139", "recipient"),
        ("-141", "recipient"),
        ("-131", "content"),
        ("-1122", "content"),
        ("-115", "account"),
        ("-104", "account"),
        ("-1351", "account"),
        ("-144", "elsewhere"),
        ("-1471", "elsewhere"),
        ("-133", "not_sent"),
        ("-100", "ambiguous"),
    ] {
        let id = one_notice(&house);
        server.says(error);
        house.drain().await;
        assert_eq!(house.outcomes(id), [outcome], "{error}");
        // What rests after a refusal of us goes on later; what is tried again is taken.
        house.app.pass(TimeDelta::minutes(6));
        if house.queued().0 > 0 {
            assert_eq!(house.drain().await.sent, 1, "{error}");
        }
    }
}

#[tokio::test]
async fn a_token_that_ended_before_its_time_costs_no_try() {
    let server = ZaloServer::start();
    let house = house(&server);
    let lanes = house.lanes();
    one_notice(&house);
    assert_eq!(drain(&house.app.state, &lanes, &house.stop).await.unwrap().sent, 1);
    server.end_the_token();
    let id = one_notice(&house);
    assert_eq!(drain(&house.app.state, &lanes, &house.stop).await.unwrap().sent, 1);
    assert_eq!(house.outcomes(id), ["accepted"]);
    let attempts: i16 = notices::table.find(id).select(notices::attempts).first(&mut house.conn()).unwrap();
    assert_eq!((attempts, server.shown()), (1, vec!["refresh-1".to_owned(), "refresh-2".to_owned()]));
}

#[tokio::test]
async fn a_gateway_that_has_no_number_for_a_wording_leaves_it_to_another() {
    let servers = [ZaloServer::start(), ZaloServer::start()];
    let house = house_with(&[("zalo", &servers[0]), ("zalo-2", &servers[1])], "zalo-2");
    let ids = [(); 6].map(|()| one_notice(&house));
    house.drain().await;
    house.app.pass(TimeDelta::seconds(1));
    house.drain().await;
    assert!(ids.iter().all(|id| house.status(*id) == NoticeStatus::Sent));
    assert_eq!((servers[0].messages().len(), servers[1].messages().len()), (0, 6));
}

#[tokio::test]
async fn what_no_gateway_has_a_number_for_fails_and_says_why() {
    let server = ZaloServer::start();
    let house = house_with(&[("zalo", &server)], "the-one-of-before");
    let id = one_notice(&house);
    assert_eq!(house.drain().await.failed, 1);
    assert_eq!((house.queued().0, house.outcomes(id)), (0, vec!["elsewhere".to_owned()]));
    let reason: Option<String> = notices::table.find(id).select(notices::reason).first(&mut house.conn()).unwrap();
    assert_eq!(reason.as_deref(), Some("no template number"));
    assert!(server.messages().is_empty());
}

#[test]
fn nobody_is_written_to_by_a_channel_that_has_no_gateway() {
    let server = ZaloServer::start();
    let with_none: House = house_with(&[], "zalo");
    assert_eq!((written(&with_none), with_none.queued().0), (0, 0));
    assert_eq!(written(&house(&server)), 1);
}
