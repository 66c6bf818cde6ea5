//! Steps, their budgets, and what is wrong with a process that can't be lived through.

use super::given::file;
use motcua::domain::dossier::ResultDelivery;
use motcua::domain::person::PersonKind;
use motcua::domain::procedure::Channel;
use motcua::domain::process::{Facts, ProcessError, Step, StepForm, Weights, budgets, check_term, flatten, next};
use proptest::{prop_assert, prop_assert_eq, proptest, sample};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn forms(json: Value) -> Vec<StepForm> {
    serde_json::from_value(json).unwrap()
}

fn made(steps: Value) -> Vec<Step> {
    flatten(forms(steps)).unwrap()
}

fn processes() -> BTreeMap<String, Vec<Step>> {
    let rows: Vec<Value> = serde_json::from_str(&file("config/province/processes.json")).unwrap();
    let stepped = rows.into_iter().filter(|process| process["steps"] != json!([]));
    stepped.map(|process| (process["code"].as_str().unwrap().to_owned(), made(process["steps"].clone()))).collect()
}

fn example(code: &str) -> Value {
    let rows: Vec<Value> = serde_json::from_str(&file("config/examples/processes.json")).unwrap();
    rows.into_iter().find(|row| row["code"] == code).unwrap()["steps"].clone()
}

/// 30 working days = 240 working hours: eight people of the committee's office share seven days, the officer takes what is
/// left.
pub fn religious_seat() -> Value {
    example("vi-du/ton-giao")
}

/// A first step without time, and three ways on after the council.
pub fn mineral_exploration() -> Value {
    example("vi-du/khoang-san")
}

#[test]
fn nested_steps_are_flattened_into_one_sequence() {
    let steps = &processes()["W4"];
    assert_eq!(steps.len(), 10);
    let shared: Vec<&Step> = steps.iter().filter(|step| step.unit.is_some()).collect();
    assert_eq!(shared.len(), 5);
    assert!(shared.iter().all(|step| step.unit.as_deref() == Some("H21.00") && step.budget == shared[0].budget));
    assert_eq!(shared[4].sends_back_to, ["draft"]);
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
fn eight_people_share_one_budget_and_the_officer_takes_the_rest_of_thirty_days() {
    let steps = made(religious_seat());
    let minutes = budgets(&steps, 240 * 60);
    // 240 hours less 4 + 4 + 8 + 8 + 8 + 8 + 56 + 16 leave 128.
    assert_eq!(minutes[4], Some(128 * 60));
    assert_eq!(minutes[7..15], [Some(56 * 60); 8]);
    assert_eq!(minutes[16], None, "in office hours, without a clock");
    let weights = Weights::new(&steps, 240 * 60);
    assert_eq!(weights.ahead(4), (8 + 8 + 56 + 16) * 60);
    assert_eq!(weights.ahead(9), 16 * 60, "the group's own budget is not ahead of it");
}

#[test]
fn the_longest_of_three_ways_decides_how_much_is_needed() {
    let steps = made(mineral_exploration());
    let weights = Weights::new(&steps, 40 * 480);
    // 0.5 + 3 + 12 + 0.25 + 5.75 + 6 + 2 + 2 days and 4 hours.
    assert_eq!(weights.whole(), 32 * 480);
    assert_eq!(check_term(&steps, 32 * 480), Ok(()));
    let short = check_term(&steps, 31 * 480);
    assert_eq!(short, Err(ProcessError::AboveTerm { needed: 32 * 480, term: 31 * 480 }));
}

fn facts() -> Facts {
    Facts {
        choice: None,
        channel: Channel::Direct,
        applicant_kind: PersonKind::Citizen,
        result_delivery: ResultDelivery::Counter,
        hard_area: false,
        cases: Vec::new(),
        papers: Vec::new(),
    }
}

#[test]
fn a_choice_leads_to_its_branch_and_none_to_the_next_step() {
    let steps = made(mineral_exploration());
    let to = |choice: Option<&str>| {
        let facts = Facts { choice: choice.map(str::to_owned), ..facts() };
        steps[next(&steps, 4, &facts).unwrap()].does.clone()
    };
    assert_eq!(to(None), "B5a confirm");
    assert_eq!(to(Some("correct")), "B5b corrected report");
    assert_eq!(to(Some("refuse")), "B5c reasons for refusal");
    assert_eq!(steps[4].choices(), ["correct", "refuse"]);
    assert_eq!(next(&steps, 5, &facts()), Some(8), "a way on without a condition is always taken");
    assert_eq!(next(&steps, 12, &facts()), None);
}

#[test]
fn conditions_look_at_the_dossiers_own_data() {
    let branch = |when: Value| {
        let steps = made(json!([
            {"role": "officer", "does": "a", "rest_of_term": true, "goes_to": [{"when": when, "to": "c"}]},
            {"role": "officer", "does": "b", "no_clock": true},
            {"role": "leader", "does": "c", "no_clock": true}
        ]));
        move |facts: &Facts| next(&steps, 0, facts) == Some(2)
    };
    let known = Facts { cases: vec!["verified".into()], papers: vec!["G1".into()], hard_area: true, ..facts() };
    let firm = Facts { applicant_kind: PersonKind::Enterprise, channel: Channel::Online, ..facts() };
    let all = [known.clone(), firm.clone(), facts()];
    let who = |when: Value| -> Vec<bool> { all.iter().map(branch(when)).collect() };
    assert_eq!(who(json!({"case": ["verified", "other"]})), [true, false, false]);
    assert_eq!(who(json!({"paper": ["G1"]})), [true, false, false]);
    assert_eq!(who(json!({"hard_area": true})), [true, false, false]);
    assert_eq!(who(json!({"hard_area": false})), [false, true, true]);
    assert_eq!(who(json!({"applicant_kind": ["enterprise", "agency"]})), [false, true, false]);
    assert_eq!(who(json!({"channel": ["online"]})), [false, true, false]);
    assert_eq!(who(json!({"not": {"channel": ["online"]}})), [true, false, true]);
    assert_eq!(who(json!({"all": [{"channel": ["online"]}, {"hard_area": true}]})), [false, false, false]);
    assert_eq!(who(json!({"any": [{"channel": ["online"]}, {"hard_area": true}]})), [true, true, false]);
    assert_eq!(who(json!({"result_delivery": ["counter"]})), [true, true, true]);
}

#[test]
fn what_cannot_be_lived_through_is_refused_by_name() {
    let rest = json!({"role": "officer", "does": "examine", "rest_of_term": true});
    let sign = json!({"role": "leader", "does": "sign", "no_clock": true});
    let with = |extra: Value| {
        let mut step = json!({"role": "officer", "does": "more", "no_clock": true});
        step.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        step
    };
    let fault = |steps: &[&Value]| {
        let faults = flatten(forms(json!(steps))).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        faults.into_iter().next().unwrap().why
    };
    let does = |does: &str| does.to_owned();
    let share = json!({"role": "leader", "does": "sign", "share_of_term": 0.5});
    assert_eq!(fault(&[&share]), ProcessError::NoRest);
    let much = json!({"role": "leader", "does": "sign", "share_of_term": 1.01});
    assert_eq!(fault(&[&rest, &much]), ProcessError::SharesAboveWhole);
    assert_eq!(fault(&[&rest, &rest, &sign]), ProcessError::Twice { does: does("examine") });
    let back = with(json!({"sends_back_to": "sign"}));
    assert!(matches!(fault(&[&rest, &back, &sign]), ProcessError::SendsBackNowhere { .. }));
    let nowhere = with(json!({"goes_to": [{"to": "the moon"}]}));
    assert_eq!(
        fault(&[&rest, &nowhere, &sign]),
        ProcessError::GoesNowhere { does: does("more"), to: does("the moon") }
    );
    for (to, when) in [("examine", json!({"hard_area": true})), ("more", json!({"choice": "again"}))] {
        let endless = with(json!({"goes_to": [{"when": when, "to": to}]}));
        assert_eq!(fault(&[&rest, &endless, &sign]), ProcessError::EndlessLoop { does: does("more"), to: does(to) });
    }
    let past = json!({"role": "officer", "does": "examine", "rest_of_term": true, "goes_to": [{"to": "sign"}]});
    assert_eq!(fault(&[&past, &with(json!({})), &sign]), ProcessError::Unreachable { does: does("more") });
    assert_eq!(fault(&[&rest]), ProcessError::NoWayOut { does: does("examine") });
    let empty = with(json!({"goes_to": [{"when": {"case": []}, "to": "sign"}]}));
    assert_eq!(fault(&[&rest, &empty, &sign]), ProcessError::EmptyCondition { does: does("more") });
    let bare = json!({"role": "officer", "does": "bare"});
    assert_eq!(fault(&[&rest, &bare]), ProcessError::Budget { does: does("bare") });
    let two = json!({"role": "officer", "does": "two", "days": 1, "hours": 2});
    assert_eq!(fault(&[&rest, &two]), ProcessError::Budget { does: does("two") });
    let nobody = json!({"does": "nobody", "days": 1});
    assert_eq!(fault(&[&rest, &nobody]), ProcessError::Role { does: does("nobody") });
}

#[test]
fn conditions_are_read_as_types_and_never_as_expressions() {
    let read = |when: Value| {
        serde_json::from_value::<Vec<StepForm>>(json!([
            {"role": "officer", "does": "a", "rest_of_term": true, "goes_to": [{"when": when, "to": "b"}]}
        ]))
    };
    assert!(read(json!("channel == 'online'")).is_err());
    assert!(read(json!({"channel": ["pigeon"]})).is_err());
    assert!(read(json!({"amount_above": 5})).is_err());
    assert!(read(json!({"channel": ["online"]})).is_ok());
}

proptest! {
    #[test]
    fn budgets_add_up_to_the_term(code in sample::select(vec!["W1", "W2", "W3", "W4", "W5"]), total in 0_i64..200_000) {
        let steps = &processes()[code];
        let mut groups = BTreeSet::new();
        let mut sum = 0;
        for (step, minutes) in steps.iter().zip(budgets(steps, total)) {
            prop_assert!(minutes.unwrap_or(0) >= 0);
            sum += if step.budget.group().is_some_and(|group| groups.insert(group)) { minutes.unwrap_or(0) } else { 0 };
        }
        prop_assert_eq!(sum, total);
        prop_assert_eq!(Weights::new(steps, total).whole(), total);
    }

    #[test]
    fn a_step_and_what_comes_after_it_never_need_more_than_the_whole(total in 0_i64..200_000) {
        for steps in processes().into_values().chain([made(religious_seat()), made(mineral_exploration())]) {
            let weights = Weights::new(&steps, total);
            for index in 0..steps.len() {
                prop_assert!(weights.of(index).unwrap_or(0) + weights.ahead(index) <= weights.whole());
            }
        }
    }
}
