//! Steps and their budgets.

use super::given::file;
use motcua::domain::process::{Budget, ProcessError, Step, StepForm, budgets, flatten};
use proptest::{prop_assert, prop_assert_eq, proptest, sample};
use std::collections::{BTreeMap, BTreeSet};

fn forms(json: serde_json::Value) -> Vec<StepForm> {
    serde_json::from_value(json).unwrap()
}

fn processes() -> BTreeMap<String, Vec<Step>> {
    let rows: Vec<serde_json::Value> = serde_json::from_str(&file("config/province/processes.json")).unwrap();
    let stepped = rows.into_iter().filter(|process| process["steps"] != serde_json::json!([]));
    stepped
        .map(|process| {
            let code = process["code"].as_str().unwrap().to_owned();
            (code, flatten(forms(process["steps"].clone())).unwrap())
        })
        .collect()
}

#[test]
fn nested_steps_are_flattened_into_one_sequence() {
    let steps = &processes()["W4"];
    assert_eq!(steps.len(), 10);
    let shared: Vec<&Step> = steps.iter().filter(|step| matches!(step.budget, Budget::Shared { .. })).collect();
    assert_eq!(shared.len(), 5);
    assert!(shared.iter().all(|step| step.unit.as_deref() == Some("H21.00")));
    assert_eq!(shared[4].sends_back_to.as_deref(), Some("draft"));
    assert_eq!(processes()["W3"][2].opens_pause.as_deref(), Some("payment"));
}

#[test]
fn shares_are_capped_and_the_rest_takes_what_is_left() {
    let one_day = budgets(&processes()["W1"], 480);
    assert_eq!(one_day, [Some(24), Some(288), Some(120), Some(48), None]);
    let ten_days = budgets(&processes()["W1"], 4800);
    assert_eq!(ten_days, [Some(240), Some(4380), Some(120), Some(60), None]);
}

#[test]
fn processes_whose_budgets_cannot_add_up_are_refused() {
    let rest = serde_json::json!({"role": "officer", "does": "examine", "rest_of_term": true});
    let share = serde_json::json!({"role": "leader", "does": "sign", "share_of_term": 1.01});
    let back = serde_json::json!({"role": "a", "does": "b", "no_clock": true, "sends_back_to": "c"});
    let bare = serde_json::json!({"role": "a", "does": "b"});
    let made = |steps: &[&serde_json::Value]| flatten(forms(serde_json::json!(steps))).unwrap_err();
    assert_eq!(made(&[&share]), ProcessError::Rest { count: 0 });
    assert_eq!(made(&[&rest, &rest]), ProcessError::Rest { count: 2 });
    assert_eq!(made(&[&rest, &share]), ProcessError::SharesAboveWhole);
    assert!(matches!(made(&[&rest, &back]), ProcessError::SendsBackNowhere { .. }));
    assert!(matches!(made(&[&rest, &bare]), ProcessError::Budget { .. }));
}

proptest! {
    #[test]
    fn budgets_add_up_to_the_term(code in sample::select(vec!["W1", "W2", "W3", "W4", "W5"]), total in 0_i64..200_000) {
        let steps = &processes()[code];
        let mut groups = BTreeSet::new();
        let mut sum = 0;
        for (step, minutes) in steps.iter().zip(budgets(steps, total)) {
            prop_assert!(minutes.unwrap_or(0) >= 0);
            let counted = match step.budget {
                Budget::Shared { group, .. } => groups.insert(group),
                _ => true,
            };
            sum += if counted { minutes.unwrap_or(0) } else { 0 };
        }
        prop_assert_eq!(sum, total);
    }
}
