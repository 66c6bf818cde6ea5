use actix_web::{App, test, web};
use chrono::TimeDelta;
use motcua::domain::ids::UnitId;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::domain::role::Role;
use motcua::notices::routes as handlers;
use serde_json::Value;

use super::dispatch::by_get;
use super::gateway::{Does, SmsServer};
use super::given::{House, People};

/// Asks the notices' routes; returns status and body.
pub async fn call(house: &House, method: &str, path: &str, body: &str, token: Option<&str>) -> (u16, Value) {
    let api = web::scope("/api/v1")
        .route("/notices", web::get().to(handlers::list_notices))
        .route("/notices/summary", web::get().to(handlers::summarise_notices))
        .route("/notices/sending/actions/{action}", web::post().to(handlers::switch_sending))
        .route("/notices/{id}", web::get().to(handlers::show_notice))
        .route("/notices/{id}/resend", web::post().to(handlers::resend_notice))
        .service(
            web::resource("/callbacks/{gateway}/{secret}")
                .route(web::get().to(handlers::take_receipt))
                .route(web::post().to(handlers::take_receipt)),
        );
    let app =
        App::new().app_data(web::Data::new(house.state.clone())).app_data(web::Data::new(house.known())).service(api);
    let app = test::init_service(app).await;
    let mut request =
        test::TestRequest::default().method(method.parse().unwrap()).uri(path).set_payload(body.to_owned());
    if body.starts_with('{') {
        request = request.insert_header(("Content-Type", "application/json"));
    }
    if let Some(token) = token {
        request = request.insert_header(("Authorization", format!("Bearer {token}")));
    }
    let response = test::call_service(&app, request.to_request()).await;
    let status = response.status().as_u16();
    let body = test::read_body(response).await;
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

async fn get(house: &House, path: &str, token: &str) -> (u16, Value) {
    call(house, "GET", path, "", Some(token)).await
}

#[tokio::test]
async fn a_notice_is_shown_with_its_words_and_attempts_and_a_masked_number() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let id = house.one_sms();
    house.drain().await;
    let token = house.signed(Role::Officer, house.unit);
    let (status, body) = get(&house, &format!("/api/v1/notices/{id}"), &token).await;
    assert_eq!(status, 200);
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
    let path = format!("/api/v1/notices/{id}");
    for (role, unit, expected) in [
        (Role::Officer, house.unit, 200),
        (Role::Clerk, house.unit, 200),
        (Role::Auditor, UnitId::new(), 200),
        (Role::Officer, UnitId::new(), 404),
        (Role::Clerk, UnitId::new(), 404),
        (Role::Admin, house.unit, 403),
    ] {
        let token = house.signed(role, unit);
        assert_eq!(get(&house, &path, &token).await.0, expected, "{role}");
        let (status, list) = get(&house, "/api/v1/notices", &token).await;
        if status == 200 {
            let seen = usize::from(expected == 200);
            assert_eq!(list["items"].as_array().unwrap().len(), seen, "{role}");
        }
    }
    assert_eq!(call(&house, "GET", &path, "", None).await.0, 401);
}

#[tokio::test]
async fn the_list_is_narrowed_and_paged() {
    let house = House::new(|_| {});
    house.many_sms(3);
    house.drain().await;
    let dossier = house.dossier("H48.24-260925-0777", &People::default());
    house.enqueue(&house.cause(dossier, Purpose::Received));
    let token = house.signed(Role::CentreHead, house.unit);
    let count = async |query: &str| {
        let (status, body) = get(&house, &format!("/api/v1/notices?{query}"), &token).await;
        assert_eq!(status, 200, "{query}: {body}");
        body["items"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("status=sent").await, 3);
    assert_eq!(count("status=queued").await, 1);
    assert_eq!(count("status=sending").await, 0);
    assert_eq!(count("channel=email").await, 0);
    assert_eq!(count("dossier=H48.24-260925-0777").await, 1);
    let (_, first) = get(&house, "/api/v1/notices?limit=3", &token).await;
    let cursor = first["next_cursor"].as_str().unwrap();
    assert_eq!(count(&format!("limit=3&cursor={cursor}")).await, 1);
    for wrong in ["status=lost", "channel=pigeon", "limit=0", "cursor=x", "colour=red"] {
        let (status, _) = get(&house, &format!("/api/v1/notices?{wrong}"), &token).await;
        assert_eq!(status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn only_what_did_not_arrive_is_sent_again() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let id = house.one_sms();
    let path = format!("/api/v1/notices/{id}/resend");
    let clerk = house.signed(Role::Clerk, house.unit);
    let (status, body) = call(&house, "POST", &path, "", Some(&clerk)).await;
    assert_eq!((status, &body["code"]), (409, &Value::from("notice_not_resendable")));
    server.next([Does::TakesAndDrops]);
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::InDoubt);
    let officer = house.signed(Role::Officer, house.unit);
    assert_eq!(call(&house, "POST", &path, "", Some(&officer)).await.0, 403);
    let (status, body) = call(&house, "POST", &path, "", Some(&clerk)).await;
    assert_eq!((status, &body["status"]), (200, &Value::from("queued")));
    house.pass(TimeDelta::seconds(1));
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(call(&house, "POST", &path, "", Some(&clerk)).await.0, 409);
    let nowhere = "/api/v1/notices/not-a-key/resend";
    assert_eq!(call(&house, "POST", nowhere, "", Some(&clerk)).await.0, 404);
}

#[tokio::test]
async fn notices_of_a_period_are_counted() {
    let house = House::new(|_| {});
    house.many_sms(2);
    let token = house.signed(Role::Auditor, house.unit);
    let path = "/api/v1/notices/summary?from=2026-09-25&to=2026-09-26";
    let (status, body) = get(&house, path, &token).await;
    assert_eq!(status, 200);
    assert_eq!(body["total"], 2);
    assert_eq!(body["rows"][0]["purpose"], "result_early");
    assert_eq!(body["rows"][0]["count"], 2);
    let (_, empty) = get(&house, "/api/v1/notices/summary?from=2026-09-24&to=2026-09-25", &token).await;
    assert_eq!(empty["total"], 0);
    for wrong in ["", "from=2026-09-25", "from=x&to=y", "from=2026-09-25&to=2026-09-25"] {
        let (status, _) = get(&house, &format!("/api/v1/notices/summary?{wrong}"), &token).await;
        assert_eq!(status, 422, "{wrong}");
    }
}

#[tokio::test]
async fn the_centre_head_pauses_and_resumes_sending() {
    let house = House::new(|_| {});
    house.one_sms();
    let head = house.signed(Role::CentreHead, house.unit);
    let pause = "/api/v1/notices/sending/actions/pause";
    assert_eq!(call(&house, "POST", pause, "{}", Some(&head)).await.0, 422);
    let (status, body) = call(&house, "POST", pause, r#"{"reason":"thử"}"#, Some(&head)).await;
    assert_eq!((status, &body["paused"]), (200, &Value::Bool(true)));
    assert_eq!(house.drain().await.claimed, 0);
    let resume = "/api/v1/notices/sending/actions/resume";
    assert_eq!(call(&house, "POST", resume, "", Some(&head)).await.0, 200);
    assert_eq!(house.drain().await.sent, 1);
    let clerk = house.signed(Role::Clerk, house.unit);
    assert_eq!(call(&house, "POST", pause, r#"{"reason":"x"}"#, Some(&clerk)).await.0, 403);
}
