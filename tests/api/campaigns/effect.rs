//! What comes of being early: working days saved, and who had the result before its date.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::{AUTUMN, Given};
use crate::support::office::DEPARTMENT;

const TABLE: &str = "/statistics/early-results";

const CELLS: [(&str, i64); 11] = [
    ("results", 4),
    ("early", 4),
    ("at_counter", 4),
    ("told", 3),
    ("told_collected", 2),
    ("told_within_3", 2),
    ("told_before_due", 1),
    ("untold", 1),
    ("untold_collected", 0),
    ("untold_within_3", 0),
    ("untold_before_due", 0),
];

#[actix_web::test]
async fn who_was_told_is_set_beside_who_was_not_and_each_count_leads_to_its_dossiers() {
    let given = Given::new().await;
    let app = &given.office.app;
    let table = app.get(&format!("{TABLE}?{AUTUMN}"), &given.head).await.expect(200).body;
    assert_eq!(table["rows"][0]["key"]["code"], DEPARTMENT);
    for (row, key) in [(&table["total"], String::new()), (&table["rows"][0], format!("&group_key={DEPARTMENT}"))] {
        for (cell, count) in CELLS {
            assert_eq!(row[cell], count, "{cell}: {row}");
            let path = format!("{TABLE}/dossiers?{AUTUMN}&cell={cell}{key}");
            let behind = app.get(&path, &given.head).await.expect(200);
            assert_eq!(json!(behind.items().len()), row[cell], "{cell}{key}");
        }
    }
    let total = &table["total"];
    // Three, two, one and one.
    assert_eq!((&total["saved_days"], &total["median_saved_days"]), (&json!(7), &json!(1)));
    assert_eq!((&total["median_told_wait_days"], &total["median_untold_wait_days"]), (&json!(0), &Value::Null));
    let parts = |name: &str| (total[name]["numerator"].clone(), total[name]["denominator"].clone());
    assert_eq!(parts("early_of_results_rate"), (json!(4), json!(4)));
    assert_eq!(parts("told_rate"), (json!(3), json!(4)));
    assert_eq!(parts("told_before_due_rate"), (json!(1), json!(3)));
    assert_eq!(
        (parts("untold_before_due_rate"), &total["untold_within_3_rate"]["text"]),
        ((json!(0), json!(1)), &json!("0.00"))
    );
}

#[actix_web::test]
async fn a_dossier_behind_it_says_how_early_it_was_and_how_long_it_lay() {
    let given = Given::new().await;
    let app = &given.office.app;
    let path = format!("{TABLE}/dossiers?{AUTUMN}&cell=told_collected&limit=1");
    let first = app.get(&path, &given.head).await.expect(200);
    let second = app.get(&format!("{path}&cursor={}", first.field("next_cursor")), &given.head).await.expect(200);
    let of = |answer: &crate::support::answer::Answer| {
        let item = &answer.items()[0];
        (item["code"].clone(), item["saved_days"].clone(), item["wait_days"].clone(), item["told"].clone())
    };
    let mut expected = [
        (json!(given.codes[0]), json!(3), json!(0), json!(true)),
        (json!(given.codes[1]), json!(2), json!(2), json!(true)),
    ];
    expected.sort_by_key(|(code, ..)| code.to_string());
    assert_eq!([of(&first), of(&second)], expected);
    assert_eq!(second.body["next_cursor"], Value::Null);
}

#[actix_web::test]
async fn other_units_dossiers_stay_theirs_and_rubbish_is_told() {
    let given = Given::new().await;
    let app = &given.office.app;
    let stranger = app.sign_in(Role::Officer, "H21.05");
    let none = app.get(&format!("{TABLE}?{AUTUMN}"), &stranger).await.expect(200).body;
    assert_eq!((&none["rows"], &none["total"]["results"]), (&json!([]), &json!(0)));
    assert_eq!(none["total"]["early_of_results_rate"]["text"], Value::Null);
    app.get(&format!("{TABLE}/dossiers?{AUTUMN}&cell=early&unit={DEPARTMENT}"), &stranger).await.expect(404);
    let wrong = app.get(&format!("{TABLE}/dossiers?cell=soon&month=2024-13"), &given.head).await.expect(422);
    assert_eq!(wrong.faults(), [("?cell", "unknown_word"), ("?month", "no_such_part")]);
    let unknown = format!("{TABLE}/dossiers?{AUTUMN}&cell=early&group_key=H99");
    assert_eq!(app.get(&unknown, &given.head).await.expect(422).faults(), [("?group_key", "group_not_found")]);
}
