//! What the house calls to mind by itself.

use motcua::dossiers::remind;
use serde_json::json;

use crate::support::office::{ONE_DAY, Office, TEN_DAYS};

async fn tick(office: &Office) -> usize {
    remind::tick(office.app.state.clone()).await.unwrap()
}

fn told(office: &Office, purpose: &str) -> usize {
    office.app.notices().iter().filter(|(told, ..)| told == purpose).count()
}

#[actix_web::test]
async fn papers_that_are_missing_are_called_to_mind_once_and_then_the_dossier_is_proposed_to_lapse() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(TEN_DAYS).await;
    let ask = json!({"papers": [{"name": "Bản sao CCCD"}], "reason": "Thiếu"});
    office.act(&code, "request_supplement", &office.officer, ask).await.expect(200);
    // 15 working days from the 5th: the 26th; three before it is the 21st.
    office.app.set("2026-10-20 16:59");
    assert_eq!(tick(&office).await, 0);
    office.app.set("2026-10-21 06:59");
    assert_eq!(tick(&office).await, 0, "nobody is reminded before the office opens");
    office.app.set("2026-10-21 07:00");
    assert_eq!((tick(&office).await, tick(&office).await), (1, 0));
    assert_eq!(told(&office, "supplement_reminder"), 2, "by SMS and by e-mail");
    let early = office.act(&code, "lapse", &office.officer, json!({})).await.expect(409);
    assert_eq!(early.code(), "supplement_term_runs");
    office.app.set("2026-10-27 07:00");
    assert_eq!((tick(&office).await, tick(&office).await), (1, 0));
    let proposed = office.app.get("/me/warnings", &office.officer).await.expect(200);
    assert_eq!((&proposed.items()[0]["what"], &proposed.items()[0]["code"]), (&json!("supplement"), &json!(code)));
    assert_eq!(office.show(&code).await["status"], "awaiting_supplement", "only a person ends it");
    office.act(&code, "lapse", &office.officer, json!({})).await.expect(200);
    assert_eq!(told(&office, "stopped"), 2);
}

#[actix_web::test]
async fn a_result_that_nobody_collects_is_called_to_mind_after_3_7_and_30_days() {
    let office = Office::at("2026-10-05 09:00").await;
    let code = office.in_process(ONE_DAY).await;
    office.act(&code, "finish", &office.leader, json!({"result": "granted"})).await.expect(200);
    office.app.set("2026-10-20 09:00");
    assert_eq!(tick(&office).await, 0, "it is not at the counter yet");
    office.act(&code, "arrive", &office.clerk, json!({"shelf_place": "A3-12"})).await.expect(200);
    for (now, reminders) in [
        ("2026-10-23 08:59", 0),
        ("2026-10-23 09:00", 1),
        ("2026-10-26 09:00", 1),
        ("2026-10-27 09:00", 2),
        ("2026-11-18 09:00", 2),
        ("2026-11-19 09:00", 3),
        ("2026-12-31 09:00", 3),
    ] {
        office.app.set(now);
        tick(&office).await;
        assert_eq!(told(&office, "collect_reminder"), reminders * 2, "{now}");
    }
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
}
