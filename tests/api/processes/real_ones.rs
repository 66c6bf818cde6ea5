//! The two processes of real decisions, step by step.

use serde_json::{Value, json};

use super::given::{Committee, PROCEDURE, advance, office_with, process};
use crate::deadlines::processes::{mineral_exploration, religious_seat};

fn at(view: &Value) -> (&str, &Value) {
    (view["at"]["does"].as_str().unwrap(), &view["at"]["budget_minutes"])
}

#[actix_web::test]
async fn the_seat_of_a_religious_organisation_goes_through_the_committee_and_back() {
    let office = office_with("2026-10-05 07:00", &religious_seat(), 30).await;
    let committee = Committee::of(&office);
    let code = office.in_process(PROCEDURE).await;
    assert_eq!(at(&process(&office, &code).await).0, "B2 register");
    for token in [&office.records, &office.leader, &office.head] {
        advance(&office, &code, token).await;
    }
    let examined = process(&office, &code).await;
    // From the opening of the first day to the thirtieth working day after it: 31 days of 8 hours.
    let rest = (31 * 8 - 112) * 60;
    assert_eq!(at(&examined), ("B3 examine", &json!(rest)));
    assert_eq!(examined["at"]["form"], "Mẫu 06");
    office.app.set("2026-10-06 07:00");
    advance(&office, &code, &office.officer).await;
    let back = json!({"reason": "Thiếu căn cứ"});
    office.act(&code, "send_back", &office.head, back).await.expect(200);
    assert_eq!(at(&process(&office, &code).await), ("B3 examine", &json!(rest - 480)), "a day of it is used");
    advance(&office, &code, &office.officer).await;
    advance(&office, &code, &office.head).await;
    advance(&office, &code, &office.leader).await;

    let shared = process(&office, &code).await;
    assert_eq!((at(&shared), &shared["at"]["unit"]), (("B6 book in", &json!(56 * 60)), &json!("H21.00")));
    office.app.set("2026-10-06 11:30");
    advance(&office, &code, &committee.records).await;
    assert_eq!(at(&process(&office, &code).await), ("B7 direct", &json!(56 * 60 - 270)), "all eight share it");
    for token in [&committee.leader, &committee.head, &committee.officer, &committee.head] {
        advance(&office, &code, token).await;
    }
    let unsaid = office.act(&code, "send_back", &committee.leader, json!({"reason": "Sai tên"})).await.expect(422);
    assert_eq!(unsaid.faults(), [("/to", "way_back_needed")]);
    let to = json!({"reason": "Sai tên", "to": "B10 review"});
    office.act(&code, "send_back", &committee.leader, to).await.expect(200);
    assert_eq!(at(&process(&office, &code).await).0, "B10 review");
    for token in [&committee.head, &committee.leader, &committee.chair, &committee.records] {
        advance(&office, &code, token).await;
    }
    let last = process(&office, &code).await;
    assert_eq!(at(&last), ("B14 prepare the result", &json!(16 * 60)));
    let last_step = office.act(&code, "advance", &office.officer, json!({})).await.expect(409);
    assert_eq!(last_step.code(), "last_step");
    office.act(&code, "finish", &office.leader, json!({"result": "granted"})).await.expect(200);
    let ended = process(&office, &code).await;
    assert_eq!(ended["at"]["does"], "B15 return the result");
    assert_eq!(ended["at"]["budget_minutes"], Value::Null);
    let drawn = ended["mermaid"].as_str().unwrap();
    assert!(drawn.starts_with("flowchart TD\n") && drawn.contains("-- back -->"), "{drawn}");
}

#[actix_web::test]
async fn the_results_of_an_exploration_take_one_of_three_ways() {
    let office = office_with("2026-10-05 09:00", &mineral_exploration(), 40).await;
    for (choice, way) in [("correct", "B5b corrected report"), ("refuse", "B5c reasons for refusal")] {
        let code = office.received(PROCEDURE).await["code"].as_str().unwrap().to_owned();
        let first = process(&office, &code).await;
        assert_eq!((at(&first).0, at(&first).1), ("B1 receive", &Value::Null), "in office hours");
        office.act(&code, "transfer", &office.clerk, json!({})).await.expect(200);
        advance(&office, &code, &office.head).await;
        for _ in 0..2 {
            advance(&office, &code, &office.officer).await;
        }
        let offered = process(&office, &code).await;
        assert_eq!(offered["at"]["choices"], json!(["correct", "refuse"]));
        for wrong in [json!({}), json!({"choice": "burn"})] {
            let refused = office.act(&code, "advance", &office.officer, wrong).await.expect(422);
            assert_eq!(refused.faults(), [("/choice", "choice_needed")]);
        }
        office.act(&code, "advance", &office.officer, json!({"choice": choice})).await.expect(200);
        assert_eq!(at(&process(&office, &code).await).0, way);
        let idle = office.act(&code, "advance", &office.officer, json!({"choice": choice})).await.expect(422);
        assert_eq!(idle.faults(), [("/choice", "no_choice")]);
        advance(&office, &code, &office.officer).await;
        let drafted = process(&office, &code).await;
        assert_eq!(at(&drafted).0, "B6 draft");
        let comes: Vec<_> = drafted["comes"].as_array().unwrap().iter().map(|step| &step["does"]).collect();
        assert_eq!(comes, ["B7 review", "B8 sign", "B9 issue", "B10 return the result"]);
        assert_eq!(drafted["taken"][4]["choice"], json!(choice));
    }
}
