//! Two people at once, and the same request twice.

use serde_json::json;

use crate::support::app::intake;
use crate::support::client::JsonBody;
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

#[actix_web::test]
async fn of_two_who_finish_at_once_one_does_and_the_other_is_told_the_status_now() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let finish = || office.act(&code, "finish", &office.leader, json!({ "result": "granted", "at_counter": true }));
    let (first, second) = tokio::join!(finish(), finish());
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409]);
    let refused = if first.status == 409 { first } else { second };
    assert!(refused.body["detail"].as_str().unwrap().contains("Đã xử lý xong"), "{}", refused.text);
    let invitations = office.app.notices().iter().filter(|(purpose, _, _)| purpose == "result_early").count();
    assert_eq!(invitations, 2, "one by SMS, one by mail");
}

#[actix_web::test]
async fn who_acts_on_what_has_changed_since_is_told_so() {
    let office = Office::at("2026-10-05 09:00").await;
    let received = office.received(TEN_DAYS).await;
    let code = received["code"].as_str().unwrap();
    let seen = office.app.get(&format!("/dossiers/{code}"), &office.clerk).await.expect(200);
    let etag = seen.header("etag").to_owned();
    assert_eq!(etag, "\"1\"");
    office.act(code, "transfer", &office.clerk, json!({})).await.expect(200);
    let url = office.app.url(&format!("/dossiers/{code}/actions/withdraw"));
    let request = office.app.http.post(url).bearer_auth(&office.clerk).header("If-Match", etag);
    let stale = office.app.send(request.json_body(&json!({}))).await.expect(412);
    assert_eq!(stale.code(), "stale_version");
    assert!(stale.body["detail"].as_str().unwrap().contains("Đang xử lý"), "{}", stale.text);
}

#[actix_web::test]
async fn a_repeated_intake_with_the_same_key_makes_one_dossier_and_gives_the_first_answer_again() {
    let office = Office::at("2026-10-05 09:00").await;
    let send = |body| {
        let request = office.app.http.post(office.app.url("/dossiers")).bearer_auth(&office.clerk);
        office.app.send(request.header("Idempotency-Key", "counter-7-0001").json_body(&body))
    };
    let (first, second) = tokio::join!(send(intake(TEN_DAYS, DEPARTMENT)), send(intake(TEN_DAYS, DEPARTMENT)));
    let (first, second) = (first.expect(201), second.expect(201));
    assert_eq!(first.body, second.body);
    let replayed = [&first, &second].iter().filter(|answer| answer.header("idempotency-replayed") == "true").count();
    assert_eq!(replayed, 1);
    let other = send(intake("2.002516", DEPARTMENT)).await.expect(422);
    assert_eq!(other.body["errors"][0]["code"], "idempotency_key_reused");
    let list = office.app.get("/dossiers", &office.clerk).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn sixty_four_counters_at_once_get_sixty_four_codes_without_gap() {
    let office = Office::at("2026-10-05 09:00").await;
    let body = intake(TEN_DAYS, DEPARTMENT);
    let sent = (0..64).map(|_| office.app.post("/dossiers", &office.clerk, &body));
    let answers = futures_util::future::join_all(sent).await;
    let mut codes: Vec<_> =
        answers.into_iter().map(|answer| answer.expect(201).body["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    let expected: Vec<_> = (1..=64).map(|n| format!("H21.16-261005-{n:04}")).collect();
    assert_eq!(codes, expected);
}
