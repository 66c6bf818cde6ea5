//! Rubbish gets a clear answer and never a 500.

use serde_json::json;

use crate::support::office::{Office, TEN_DAYS};

#[actix_web::test]
async fn malformed_bodies_get_problem_documents() {
    let office = Office::at("2026-10-05 09:00").await;
    let send = async |kind: &str, body: String| {
        let request = office.app.http.post(office.app.url("/dossiers")).bearer_auth(&office.clerk);
        office.app.send(request.header("Content-Type", kind).body(body)).await
    };
    let cases = [
        ("application/json", "{".to_owned(), 400, "malformed_json"),
        ("application/json", "[]".to_owned(), 422, "fields_invalid"),
        ("application/json", r#"{"procedure_code":7}"#.to_owned(), 422, "fields_invalid"),
        ("application/json", r#"{"sea_monster":1}"#.to_owned(), 422, "fields_invalid"),
        ("application/json", r#"{"procedure_code":"a\u0000"}"#.to_owned(), 422, "fields_invalid"),
        ("text/plain", "hello".to_owned(), 415, "not_json"),
        ("application/json", format!("\"{}\"", "x".repeat(10 << 20)), 413, "body_too_large"),
    ];
    for (kind, body, status, code) in cases {
        let answer = send(kind, body).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.text);
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[actix_web::test]
async fn impossible_codes_and_verbs_are_not_found() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let long = "9".repeat(8000);
    for path in [
        "/dossiers/nothing".to_owned(),
        "/dossiers/H21.16-261005-9999".to_owned(),
        format!("/dossiers/{long}"),
        "/dossiers/%00".to_owned(),
        "/dossiers/H21.16-261005-0001%27--".to_owned(),
        "/nowhere".to_owned(),
    ] {
        assert_eq!(office.app.get(&path, &office.clerk).await.status, 404, "{path:.60}");
    }
    let verb = office.act(&code, "celebrate", &office.leader, json!({})).await.expect(404);
    assert_eq!(verb.code(), "no_such_verb");
    let receive = office.act(&code, "receive", &office.clerk, json!({})).await.expect(404);
    assert_eq!(receive.code(), "no_such_verb");
}

#[actix_web::test]
async fn refusals_are_told_in_the_language_asked_for() {
    let office = Office::at("2026-10-05 09:00").await;
    let url = office.app.url("/dossiers/H21.16-261005-9999");
    let request = office.app.http.get(&url).bearer_auth(&office.clerk);
    let vi = office.app.send(request.try_clone().unwrap()).await;
    let en = office.app.send(request.header("Accept-Language", "en")).await;
    assert_eq!(
        (vi.body["detail"].as_str(), en.body["detail"].as_str()),
        (Some("Không có hồ sơ này"), Some("There is no such dossier"))
    );
}

#[actix_web::test]
async fn wrong_filters_are_named() {
    let office = Office::at("2026-10-05 09:00").await;
    for (query, pointer) in [
        ("status=lost", "?status"),
        ("channel=pigeon", "?channel"),
        ("unit=H99", "?unit"),
        ("cursor=rubbish", "?cursor"),
        ("limit=0", "?limit"),
        ("standing=brilliant", "?standing"),
        ("received_from=yesterday", "?received_from"),
        ("limit=many", "?limit"),
        ("colour=red", "?colour"),
        ("q=%00", "?q"),
        ("%00=q", "?"),
    ] {
        let answer = office.app.get(&format!("/dossiers?{query}"), &office.clerk).await.expect(422);
        assert_eq!(answer.pointers(), [pointer], "{query}");
    }
}

#[actix_web::test]
async fn what_can_not_be_read_is_said_in_the_language_asked_for_and_in_no_other() {
    let office = Office::at("2026-10-05 09:00").await;
    let asked = office.app.http.get(office.app.url("/dossiers?received_from=yesterday")).bearer_auth(&office.clerk);
    let vi = office.app.send(asked.try_clone().unwrap()).await.expect(422);
    assert_eq!(vi.body["errors"][0]["detail"], "Ngày phải viết như 2024-05-15, giờ như 2024-05-15T08:00:00+07:00");
    let en = office.app.send(asked.header("Accept-Language", "en")).await.expect(422);
    let detail = en.body["errors"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, "A parameter is wrong: input contains invalid characters");
}

#[actix_web::test]
async fn who_only_reads_is_not_told_that_nothing_was_written() {
    let office = Office::at("2026-10-05 09:00").await;
    let read = office.app.get("/dossiers?limit=0", &office.clerk).await.expect(422);
    assert_eq!(read.body["detail"], "Một số trường hoặc tham số không hợp lệ, xem errors");
    let wrote = office.app.post("/dossiers", &office.clerk, &json!({ "sea_monster": 1 })).await.expect(422);
    assert_eq!(wrote.body["detail"], "Một số trường hoặc tham số không hợp lệ, xem errors; chưa có gì được ghi");
    assert_eq!(wrote.faults(), [("/sea_monster", "wrong_type")]);
}

#[actix_web::test]
async fn a_finish_in_the_wrong_state_changes_nothing() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let early = office.act(&code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(409);
    assert_eq!(early.code(), "status_forbids");
    let shown = office.show(&code).await;
    assert_eq!((&shown["status"], &shown["version"]), (&json!("received"), &json!(1)));
}
