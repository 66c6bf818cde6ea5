//! `POST /deadlines/preview`.

use serde_json::{Value, json};

use super::given::House;
use crate::support::answer::Answer;
use crate::support::client::JsonBody;

/// A body that is right, with some fields changed.
fn body(changes: Value) -> Value {
    let mut body = json!({
        "received_at": "2026-10-05T09:00:00+07:00",
        "channel": "direct",
        "term": {"amount": 3, "unit": "working_day"},
    });
    for (name, value) in changes.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

fn of_procedure(code: &str, changes: Value) -> Value {
    let mut body = body(changes);
    body.as_object_mut().unwrap().remove("term");
    body["procedure_code"] = json!(code);
    body
}

fn due(answer: &Answer) -> &str {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["due_at"].as_str().unwrap()
}

#[actix_web::test]
async fn every_row_of_the_golden_table_holds_through_the_api() {
    let house = House::with_province();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/golden_deadlines.csv");
    let mut reader = csv::Reader::from_path(path).unwrap();
    let rows: Vec<std::collections::BTreeMap<String, String>> = reader.deserialize().collect::<Result<_, _>>().unwrap();
    assert_eq!(rows.len(), 20);
    for row in rows {
        for amount in [json!(row["amount"]), serde_json::from_str(&row["amount"]).unwrap()] {
            let mut body = json!({
                "received_at": row["received_at"],
                "channel": row["channel"],
                "term": {"amount": amount, "unit": row["unit"]},
                "cutoff": row["cutoff"],
            });
            if !row["pause_opened_at"].is_empty() {
                body["pauses"] = json!([{
                    "opened_at": row["pause_opened_at"],
                    "closed_at": row["pause_closed_at"],
                    "effect": row["pause_effect"],
                }]);
            }
            let answer = house.preview(body).await;
            let expected = row["due_at"].replace("+07:00", ":00+07:00");
            assert_eq!(due(&answer), expected, "{}", row["why"]);
            let lines = answer.body["explanation"].as_array().unwrap();
            assert_eq!(lines.last().unwrap()["kind"], "due");
            let into_2027 = row["due_at"].starts_with("2027");
            assert_eq!(answer.body["provisional"], into_2027, "{}", row["why"]);
        }
    }
}

#[actix_web::test]
async fn a_procedure_brings_its_term_cutoff_channel_and_place() {
    let house = House::with_province();
    let birth = of_procedure("1.001193", json!({"received_at": "2026-10-13T15:01:00+07:00"}));
    assert_eq!(due(&house.preview(birth).await), "2026-10-14T17:00:00+07:00");
    let online = of_procedure("1.000603", json!({"channel": "online"}));
    assert_eq!(due(&house.preview(online).await), "2026-10-05T17:00:00+07:00");
    let land = |place: &str| of_procedure("1.115351", json!({"place_code": place}));
    assert_eq!(due(&house.preview(land("H21.106")).await), "2026-10-07T17:00:00+07:00");
    assert_eq!(due(&house.preview(land("H21.123")).await), "2026-10-21T17:00:00+07:00");
}

#[actix_web::test]
async fn cases_are_one_code_or_a_list_with_amounts() {
    let house = House::with_province();
    let marriage = of_procedure("1.000894", json!({"case": "verification"}));
    assert_eq!(due(&house.preview(marriage).await), "2026-10-12T17:00:00+07:00");
    let both = json!({"case": ["change_or_correction", {"code": "verification"}]});
    let answer = house.preview(of_procedure("1.004859", both)).await;
    assert_eq!(due(&answer), "2026-10-13T17:00:00+07:00");
    assert_eq!(answer.body["term"], json!({"amount": 6, "unit": "working_day"}));
    let open = json!({"case": [{"code": "verification", "amount": "2"}]});
    let answer = house.preview(of_procedure("1.004873", open)).await;
    assert_eq!(due(&answer), "2026-10-12T17:00:00+07:00");
}

#[actix_web::test]
async fn explanations_speak_the_language_asked_for() {
    let house = House::with_province();
    let ask = |language: &'static str| {
        let request = house.app.http.post(house.app.url("/deadlines/preview"));
        house.app.send(request.header("Accept-Language", language).json_body(&body(json!({}))))
    };
    let last = |answer: Answer| answer.body["explanation"].as_array().unwrap().last().unwrap().clone();
    let english = last(ask("en").await);
    assert_eq!(english["text"], "Due at 17:00 08/10/2026");
    assert_eq!(english["date"], "2026-10-08");
    let vietnamese = last(ask("vi").await);
    assert_eq!(vietnamese["text"], "Hạn trả kết quả: 17:00 08/10/2026");
}

#[actix_web::test]
async fn while_a_pause_is_open_there_is_time_left_and_no_due_date() {
    let house = House::with_province();
    let pauses = json!([{"opened_at": "2026-10-06T09:00:00+07:00", "effect": "resume"}]);
    let answer = house.preview(body(json!({"pauses": pauses}))).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.body["due_at"], Value::Null);
    assert_eq!(answer.body["left"], json!({"kind": "working_days", "days": 2}));
}

#[actix_web::test]
async fn bad_input_is_422_and_names_the_field() {
    let house = House::with_province();
    let pause = |opened: &str, closed: &str| {
        json!({"opened_at": format!("2026-10-{opened}T09:00:00+07:00"),
            "closed_at": format!("2026-10-{closed}T09:00:00+07:00"), "effect": "resume"})
    };
    let term = |amount: Value, unit: &str| body(json!({"term": {"amount": amount, "unit": unit}}));
    let cases = [
        (term(json!(-1), "working_day"), "/term/amount", "wrong_type"),
        (term(json!("many"), "working_day"), "/term/amount", "wrong_type"),
        (term(json!(1e30), "working_day"), "/term/amount", "wrong_type"),
        (term(json!(4.8), "working_day"), "/term/amount", "absurd_term"),
        (term(json!(1001), "working_day"), "/term/amount", "absurd_term"),
        (term(json!(0), "month"), "/term/amount", "absurd_term"),
        (term(json!(0.5), "calendar_day"), "/term/amount", "absurd_term"),
        (term(json!(1), "week"), "/term/unit", "unknown_word"),
        (term(json!(1000), "working_day"), "/received_at", "calendar_not_published"),
        (body(json!({"received_at": "2040-01-01T09:00:00+07:00"})), "/received_at", "calendar_not_published"),
        (body(json!({"received_at": "1999-01-01T09:00:00+07:00"})), "/received_at", "calendar_not_published"),
        (body(json!({"received_at": "tomorrow"})), "/received_at", "not_a_moment"),
        (body(json!({"received_at": 5})), "/received_at", "wrong_type"),
        (body(json!({"received_at": "2026\u{0}"})), "/received_at", "nul_character"),
        (body(json!({"channel": "pigeon"})), "/channel", "unknown_word"),
        (body(json!({"cutoff": "noon"})), "/cutoff", "unknown_word"),
        (body(json!({"place_code": "H99"})), "/place_code", "unknown_unit"),
        (body(json!({"unit_code": "H99"})), "/unit_code", "unknown_unit"),
        (body(json!({"case": "verification"})), "/case", "unknown_case"),
        (body(json!({"colour": "red"})), "/colour", "wrong_type"),
        (body(json!({"procedure_code": "1.001193"})), "/procedure_code", "procedure_or_term"),
        (body(json!({"term": null})), "/procedure_code", "procedure_or_term"),
        (body(json!({"pauses": [pause("06", "09"), pause("08", "12")]})), "/pauses/1", "overlapping_pauses"),
        (body(json!({"pauses": [pause("09", "06")]})), "/pauses/0", "pause_ends_before"),
        (body(json!({"pauses": [{"effect": "resume"}]})), "/pauses/0/opened_at", "required"),
        (of_procedure("0.000000", json!({})), "/procedure_code", "unknown_procedure"),
        (of_procedure("1.014755", json!({})), "/procedure_code", "procedure_is_draft"),
        (of_procedure("1.001193", json!({"case": "nothing"})), "/case", "unknown_case"),
        (of_procedure("1.004873", json!({"case": "verification"})), "/case", "case_amount_missing"),
        (of_procedure("1.001193", json!({"unit_code": "H21.16"})), "/unit_code", "not_resolved_here"),
        (of_procedure("1.000894", json!({"case": 5})), "/case", "wrong_type"),
    ];
    for (body, pointer, code) in cases {
        let answer = house.preview(body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: {}", answer.body);
        assert_eq!(answer.faults(), [(pointer, code)], "{body}");
    }
}

#[actix_web::test]
async fn a_year_without_calendar_is_named() {
    let house = House::with_province();
    let answer = house.preview(body(json!({"received_at": "2029-12-31T09:00:00+07:00"}))).await;
    let detail = answer.body["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("2030"), "{detail}");
}

#[actix_web::test]
async fn all_faults_are_told_at_once() {
    let house = House::with_province();
    let answer = house.preview(json!({"place_code": "H99", "pauses": [{}]})).await;
    assert_eq!(
        answer.pointers(),
        ["/received_at", "/channel", "/pauses/0/opened_at", "/pauses/0/effect", "/place_code", "/procedure_code",]
    );
}

#[actix_web::test]
async fn what_is_no_json_is_400() {
    let house = House::with_province();
    let request = house.app.http.post(house.app.url("/deadlines/preview"));
    let answer = house.app.send(request.header("Content-Type", "application/json").body("{")).await;
    assert_eq!(answer.status, 400);
}
