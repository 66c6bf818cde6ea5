use diesel::prelude::*;
use motcua::domain::ids::DossierId;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::notices::cancel_unsent;
use motcua::schema::notices;

use super::given::{House, People};

const APPLICANT: &str = "+84905123456";
const SUBMITTER: &str = "+84905999888";

fn told(house: &House, people: &People<'_>, purpose: Purpose) -> Vec<(String, String)> {
    let code = format!("H48.24-260925-{}", uuid::Uuid::now_v7().simple());
    let dossier = house.dossier(&code, people);
    house.enqueue(&house.cause(dossier, purpose));
    recipients(house, dossier)
}

fn recipients(house: &House, dossier: DossierId) -> Vec<(String, String)> {
    notices::table
        .filter(notices::dossier_id.eq(dossier))
        .order((notices::recipient, notices::channel))
        .select((notices::recipient, notices::channel))
        .load(&mut house.conn())
        .unwrap()
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn the_submitter_is_told_what_the_mandate_allows() {
    let house = House::new(|_| {});
    let with = |mandate| People { submitter: Some((mandate, SUBMITTER)), ..People::default() };
    let both = pairs(&[("applicant", "sms"), ("submitter", "sms")]);
    let applicant = pairs(&[("applicant", "sms")]);
    assert_eq!(told(&house, &with("submit"), Purpose::Supplement), both);
    assert_eq!(told(&house, &with("submit"), Purpose::ResultEarly), applicant);
    assert_eq!(told(&house, &with("submit_and_collect"), Purpose::ResultEarly), both);
}

#[test]
fn the_same_number_is_told_once() {
    let house = House::new(|_| {});
    let people = People { submitter: Some(("submit_and_collect", APPLICANT)), ..People::default() };
    assert_eq!(told(&house, &people, Purpose::ResultReady), pairs(&[("applicant", "sms")]));
}

#[test]
fn only_allowed_channels_with_an_address_are_used() {
    let house = House::new(|_| {});
    let of = |flags, phone, email| {
        let people = People { flags, phone, email, submitter: None };
        told(&house, &people, Purpose::Received)
    };
    let (phone, email) = (Some(APPLICANT), Some("a@example.vn"));
    assert_eq!(of((true, true), phone, email), pairs(&[("applicant", "email"), ("applicant", "sms")]));
    assert_eq!(of((false, true), phone, email), pairs(&[("applicant", "email")]));
    assert_eq!(of((true, true), phone, None), pairs(&[("applicant", "sms")]));
    assert_eq!(of((false, false), phone, email), pairs(&[]));
}

#[test]
fn an_event_tells_nobody_the_same_thing_twice() {
    let house = House::new(|_| {});
    let dossier = house.dossier("H48.24-260925-0001", &People::default());
    let cause = house.cause(dossier, Purpose::ResultEarly);
    assert_eq!(house.enqueue(&cause), 1);
    assert_eq!(house.enqueue(&cause), 0);
    assert_eq!(house.queued().0, 1);
}

#[test]
fn no_number_and_no_word_of_a_notice_lies_in_clear_in_the_database() {
    let house = House::new(|_| {});
    let id = house.one_sms();
    let row: String = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(&format!(
        "(SELECT n::text || encode(n.wording, 'escape') || encode(n.address, 'escape') FROM notices n WHERE id = '{id}')"
    )))
    .get_result(&mut house.conn())
    .unwrap();
    for word in ["905123456", "Ho so", "TTPVHCC"] {
        assert!(!row.contains(word), "{word}");
    }
    assert!(row.contains("0905***456"));
}

#[tokio::test]
async fn what_has_not_gone_out_is_called_back_and_what_has_is_named() {
    let house = House::new(|_| {});
    let dossier = house.dossier("H48.24-260925-0001", &People::default());
    house.enqueue(&house.cause(dossier, Purpose::ResultEarly));
    house.drain().await;
    house.enqueue(&house.cause(dossier, Purpose::ResultEarly));
    let invitations = [Purpose::ResultEarly, Purpose::ResultReady];
    let gone = house.act(|conn, act| cancel_unsent(conn, act, dossier, &invitations)).unwrap();
    assert_eq!(gone.len(), 1);
    assert_eq!(house.status(gone[0].id), NoticeStatus::Sent);
    assert_eq!(house.queued().0, 0);
    let cancelled: i64 = notices::table
        .filter(notices::status.eq(NoticeStatus::Cancelled))
        .count()
        .get_result(&mut house.conn())
        .unwrap();
    assert_eq!(cancelled, 1);
}
