//! One complete request; another is the exception, is paid for, and is counted.

use motcua::domain::role::Role;
use serde_json::json;

use crate::support::office::{CENTRE, ONE_DAY, Office, TEN_DAYS};

#[actix_web::test]
async fn a_second_request_lets_the_term_go_on_where_it_stood_and_is_counted() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let ask = json!({"papers": [{"name": "Bản sao CCCD"}], "reason": "Thiếu"});
    office.act(&code, "request_supplement", &office.officer, ask.clone()).await.expect(200);
    office.app.set("2026-10-06 09:00");
    office.act(&code, "supply", &office.clerk, json!({})).await.expect(200);
    assert_eq!(
        office.act(&code, "request_supplement", &office.leader, ask.clone()).await.expect(409).code(),
        "needs_override"
    );
    let mut again = ask;
    again["override_reason"] = json!("Giấy tờ phát sinh khi thẩm định");
    office.act(&code, "request_supplement", &office.leader, again).await.expect(200);
    let pauses = office.show(&code).await["pauses"].clone();
    assert_eq!((&pauses[0]["effect"], &pauses[1]["effect"]), (&json!("restart"), &json!("resume")));
    let head = office.app.sign_in(Role::CentreHead, CENTRE);
    let table = office.app.get("/statistics/intake?from=2026-10-01&to=2026-11-01", &head).await.expect(200).body;
    assert_eq!(table["total"]["asked_again"], 1);
}

#[actix_web::test]
async fn papers_come_in_parts_and_the_last_one_stops_the_pause() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    let ask = json!({"papers": [{"name": "A"}, {"name": "B"}], "reason": "Thiếu"});
    office.act(&code, "request_supplement", &office.officer, ask).await.expect(200);
    office.app.set("2026-10-06 09:00");
    let first = office.act(&code, "supply", &office.clerk, json!({"positions": [2]})).await.expect(200).body;
    assert_eq!(first["status"], "awaiting_supplement");
    // Came by post on Tuesday, opened on Wednesday.
    office.app.set("2026-10-07 08:00");
    for (came_at, fault) in
        [("2026-10-05T08:00:00+07:00", "before_it_was_asked"), ("2026-10-07T09:00:00+07:00", "in_the_future")]
    {
        let refused = office.act(&code, "supply", &office.clerk, json!({"came_at": came_at})).await.expect(422);
        assert_eq!(refused.faults(), [("/came_at", fault)]);
    }
    let came = json!({"came_at": "2026-10-06T14:00:00+07:00"});
    let whole = office.act(&code, "supply", &office.clerk, came).await.expect(200).body;
    assert_eq!(whole["status"], "processing");
    assert_eq!(office.show(&code).await["pauses"][0]["closed_at"], "2026-10-06T14:00:00+07:00");
    assert_eq!(whole["due_at"], "2026-10-07T17:00:00+07:00", "one working day from Tuesday on");
}
