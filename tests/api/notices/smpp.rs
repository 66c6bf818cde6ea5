//! An SMS centre spoken to by SMPP 3.4: messages, answers, receipts, and links that are lost.

use std::net::TcpListener;

use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::domain::notice::NoticeStatus;
use motcua::error::AppError;
use motcua::notices::receipts;
use motcua::notices::sending::{Gateway, Lane, drain, links};
use motcua::schema::notices;

use super::given::{House, gateway};
use super::smpp_server::{Does, SmsCentre};

fn table(port: u16, more: &str) -> String {
    format!(
        "kind = \"smpp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\nsystem_id = \"motcua\"\n\
         password = \"secret08\"\nsource = \"TTPVHCC\"\n{more}"
    )
}

/// A house whose SMS go to a centre.
fn house(port: u16, more: &str) -> House {
    let table = table(port, more);
    House::new(|config| drop(config.gateways.insert("centre".to_owned(), gateway(&table))))
}

fn reference(house: &House) -> Option<String> {
    notices::table.select(notices::gateway_ref).first(&mut house.conn()).unwrap()
}

#[tokio::test]
async fn a_message_is_handed_over_after_a_log_in_and_its_number_is_kept() {
    let centre = SmsCentre::start();
    let house = house(centre.port, "");
    let id = house.one_sms();
    centre.next([Does::Takes("77ab")]);
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(centre.binds(), [b"motcua\0secret08\0\0\x34\0\0\0".to_vec()]);
    let sent = &centre.submitted()[0];
    assert_eq!((&*sent.source, &*sent.destination), ("TTPVHCC", "84905123456"));
    assert_eq!((sent.esm_class, sent.registered_delivery, sent.data_coding), (0, 1, 0));
    assert!(sent.words.starts_with(b"TTPVHCC: Ho so "), "{:?}", sent.words);
    let low = &id.0.as_bytes()[14..];
    assert_eq!(sent.parameters, [&[2, 4, 0, 2][..], low].concat());
    assert_eq!((house.status(id), reference(&house).as_deref()), (NoticeStatus::Sent, Some("77ab")));
}

#[tokio::test]
async fn what_the_centre_answers_is_understood() {
    let centre = SmsCentre::start();
    let house = house(centre.port, "codes = { \"0x450\" = \"recipient\" }");
    for (status, outcome) in [
        (0x0b, "recipient"),
        (0x0a, "account"),
        (0x01, "content"),
        (0x14, "throttled"),
        (0x58, "throttled"),
        (0x08, "not_sent"),
        (0x45, "refused"),
        (0x450, "recipient"),
        (0x451, "refused"),
    ] {
        let before = house.many_sms(0);
        let id = *house.many_sms(1).iter().find(|id| !before.contains(id)).unwrap();
        centre.next([Does::Refuses(status)]);
        house.drain().await;
        assert_eq!(house.outcomes(id), [outcome], "{status:#x}");
        house.app.pass(TimeDelta::minutes(5));
        house.drain().await;
        assert_eq!(house.queued().0, 0, "{status:#x}");
    }
}

#[tokio::test]
async fn a_link_that_is_lost_before_the_answer_leaves_the_message_in_doubt() {
    let centre = SmsCentre::start();
    let house = house(centre.port, "");
    let id = house.one_sms();
    centre.next([Does::Drops]);
    house.drain().await;
    assert_eq!((house.status(id), house.outcomes(id)), (NoticeStatus::InDoubt, vec!["ambiguous".to_owned()]));
}

#[tokio::test]
async fn while_there_is_no_link_nothing_is_tried_and_no_attempt_is_burnt() {
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let alone = house(nobody, "");
    alone.one_sms();
    assert_eq!(alone.drain().await.claimed, 0);
    assert_eq!(alone.queued(), (1, Some(0)));

    let centre = SmsCentre::start();
    let stranger = house(centre.port, "");
    let id = stranger.one_sms();
    for status in [0x0d, 0x0e, 0x0f] {
        centre.binds_with(status);
        assert_eq!(stranger.drain().await.claimed, 0, "{status:#x}");
    }
    assert_eq!((stranger.queued(), stranger.outcomes(id)), ((1, Some(0)), Vec::new()));
    centre.binds_with(0);
    assert_eq!(stranger.drain().await.sent, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_kept_before_the_centre_hears_so_and_find_their_message() {
    for (ids, number, words) in [
        ("same", "0012ab", "id:0012ab sub:001 dlvrd:001 stat:DELIVRD err:000"),
        ("decimal", "4D2", "id:0000001234 sub:001 dlvrd:001 stat:DELIVRD err:000"),
        ("hexadecimal", "1234", "id:4d2 sub:001 dlvrd:001 stat:DELIVRD err:000"),
    ] {
        let centre = SmsCentre::start();
        let house = house(centre.port, &format!("receipt_ids = \"{ids}\""));
        let id = house.one_sms();
        let gateways = Gateway::all(&house.app.state.config).unwrap();
        let lanes = Lane::all(&house.app.state, gateways.clone());
        centre.next([Does::Takes(number)]);
        drain(&house.app.state, &lanes, &house.stop).await.unwrap();
        let underway = words.replace("DELIVRD", "ACCEPTD");
        for (said, status) in [(&*underway, NoticeStatus::Sent), (words, NoticeStatus::Delivered)] {
            let before = centre.receipts_answered().len();
            centre.deliver(said);
            assert_eq!(centre.receipts_answered().len(), before, "not kept yet");
            assert_eq!(links::tick(&house.app.state, &gateways).await.unwrap(), 1);
            centre.wait_for_answers(before + 1);
            let (config, now) = (house.app.state.config.clone(), house.app.state.clock.now());
            house.act(|conn, _| receipts::tick(conn, &config.gateways, now).map_err(AppError::from)).unwrap();
            assert_eq!(house.status(id), status, "{ids}");
        }
        assert_eq!(centre.receipts_answered(), [0, 0]);
        centre.deliver("a phone writes: id:1 and no more");
        assert_eq!(links::tick(&house.app.state, &gateways).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_long_text_goes_in_parts_of_which_the_last_brings_the_receipt() {
    let centre = SmsCentre::start();
    let table = table(centre.port, "");
    let house = House::new(|config| {
        config.notices.sender = "Trung tam Phuc vu hanh chinh cong tinh".to_owned();
        config.gateways.insert("centre".to_owned(), gateway(&table));
    });
    let whole = house.one_sms();
    centre.next([Does::Takes("a"), Does::Takes("b"), Does::Takes("c"), Does::Refuses(0x58)]);
    assert_eq!(house.drain().await.sent, 1);
    let parts = centre.submitted();
    let low = whole.0.as_bytes()[15];
    assert_eq!(
        parts.iter().map(|part| part.words[..6].to_vec()).collect::<Vec<_>>(),
        [[5, 0, 3, low, 2, 1], [5, 0, 3, low, 2, 2]]
    );
    assert_eq!(
        parts.iter().map(|part| (part.esm_class, part.registered_delivery)).collect::<Vec<_>>(),
        [(0x40, 0), (0x40, 1)]
    );
    assert_eq!(reference(&house).as_deref(), Some("b"));
    let half = *house.many_sms(1).iter().find(|id| **id != whole).unwrap();
    house.drain().await;
    assert_eq!(house.status(half), NoticeStatus::InDoubt, "a phone may have the first part");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_over_which_nobody_answers_is_given_up_and_opened_anew() {
    let centre = SmsCentre::start();
    let house = house(centre.port, "enquire_link_s = 1\n[sending]\ntimeout_ms = 300");
    let gateways = Gateway::all(&house.app.state.config).unwrap();
    centre.is_deaf();
    links::tick(&house.app.state, &gateways).await.unwrap();
    centre.wait_for_an_enquiry();
    centre.wait_for_an_end();
    links::tick(&house.app.state, &gateways).await.unwrap();
    assert_eq!(centre.binds().len(), 2);
}

#[test]
fn settings_that_no_centre_takes_are_named_at_the_start() {
    for (more, key) in [
        ("system_type = \"longer than twelve\"", "gateways.centre.system_type"),
        ("enquire_link_s = 0", "gateways.centre.enquire_link_s"),
        ("codes = { \"450\" = \"recipient\" }", "gateways.centre.codes.450"),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("motcua.toml");
        let inside = table(2775, more).replacen("kind", "[gateways.centre]\nkind", 1);
        std::fs::write(&file, inside).unwrap();
        let fault = motcua::config::Config::load(&[file]).unwrap_err().to_string();
        assert!(fault.starts_with(key), "{fault}");
    }
}
