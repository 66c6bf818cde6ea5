//! What is done with many notices needs two people.

use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::schema::{notice_deeds, notices};
use serde_json::{Value, json};

use super::given::{ELSEWHERE, House, UNIT};
use crate::support::answer::Answer;

/// Three dead letters, where two may be reached by one person.
fn house() -> House {
    let house = House::new(|config| config.notices.two_people_above = 2);
    house.many_sms(3).iter().for_each(|id| house.kill(*id, "given_up"));
    house
}

async fn propose(house: &House, token: &str) -> Answer {
    let body = json!({"filter": {"reason": "given_up", "unit": UNIT}, "reason": "cổng gửi hỏng cả buổi sáng"});
    house.app.post("/notices/actions/told_by_phone", token, &body).await
}

async fn decide(house: &House, proposed: &Answer, decision: &str, token: &str) -> Answer {
    let id = proposed.body["approval"]["id"].as_str().unwrap();
    house.app.post(&format!("/approvals/{id}/actions/{decision}"), token, &json!({})).await
}

fn settled(house: &House) -> i64 {
    notices::table.filter(notices::settled.is_not_null()).count().get_result(&mut house.conn()).unwrap()
}

#[tokio::test]
async fn above_the_limit_nothing_happens_until_another_person_confirms() {
    let house = house();
    let (clerk, head) = (house.app.sign_in(Role::Clerk, UNIT), house.app.sign_in(Role::CentreHead, ELSEWHERE));
    let proposed = propose(&house, &clerk).await.expect(202);
    let approval = &proposed.body["approval"];
    assert_eq!((&approval["verb"], &approval["notices"]), (&json!("notice_deed"), &json!(3)));
    assert_eq!(approval["subject"], "told_by_phone: reason=given_up unit=H48.24");
    assert_eq!(settled(&house), 0);
    assert_eq!(propose(&house, &clerk).await.expect(409).code(), "already_proposed");
    let listed = house.app.get("/approvals", &head).await.expect(200);
    assert_eq!((listed.items().len(), &listed.items()[0]["may_confirm"]), (1, &json!(true)));

    decide(&house, &proposed, "confirm", &clerk).await.expect(403);
    for (role, status) in [(Role::Leader, 404), (Role::Admin, 404)] {
        let other = house.app.sign_in(role, UNIT);
        assert_eq!(decide(&house, &proposed, "confirm", &other).await.status, status, "{role}");
    }
    decide(&house, &proposed, "confirm", &head).await.expect(200);
    assert_eq!(settled(&house), 3);
    let who: Vec<(String, Option<String>, Option<String>)> = notice_deeds::table
        .select((notice_deeds::actor_name, notice_deeds::confirmed_by_name, notice_deeds::reason))
        .load(&mut house.conn())
        .unwrap();
    let text = |text: &str| Some(text.to_owned());
    let expected = ("Nguyễn Văn clerk".to_owned(), text("Nguyễn Văn centre_head"), text("cổng gửi hỏng cả buổi sáng"));
    assert_eq!(who, vec![expected; 3]);
}

#[tokio::test]
async fn who_proposes_reaches_no_further_by_the_eyes_of_who_confirms_and_what_died_later_is_left_alone() {
    let house = house();
    let stranger = house.app.sign_in(Role::Clerk, ELSEWHERE);
    assert_eq!(propose(&house, &stranger).await.expect(200).body["count"], 0);
    let (clerk, head) = (house.app.sign_in(Role::Clerk, UNIT), house.app.sign_in(Role::CentreHead, UNIT));
    let proposed = propose(&house, &clerk).await.expect(202);
    house.app.pass(chrono::TimeDelta::hours(1));
    let later = house.many_sms(1).pop().unwrap();
    house.kill(later, "given_up");
    decide(&house, &proposed, "confirm", &head).await.expect(200);
    assert_eq!(settled(&house), 3);
    assert_eq!(house.dead(&head, "").await["total"], 1);
}

#[tokio::test]
async fn what_is_rejected_is_not_done() {
    let house = house();
    let (clerk, head) = (house.app.sign_in(Role::Clerk, UNIT), house.app.sign_in(Role::CentreHead, UNIT));
    let proposed = propose(&house, &clerk).await.expect(202);
    decide(&house, &proposed, "reject", &head).await.expect(200);
    decide(&house, &proposed, "confirm", &head).await.expect(409);
    assert_eq!(settled(&house), 0);
    let key = house.app.key(Role::Clerk, UNIT).await.0;
    assert_eq!(propose(&house, &key).await.expect(403).code(), "people_only");
    let deeds: Vec<Value> = house.dead(&head, "").await["items"].as_array().unwrap().clone();
    assert_eq!(deeds.len(), 3);
}
