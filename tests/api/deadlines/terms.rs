//! Amounts, terms, cases, and the terms of the whole demo catalogue.

use super::given::{days, file, term};
use motcua::domain::procedure::{
    Amount, Area, CaseEffect, Channel, ChosenCase, Cutoff, Term, TermCase, TermError, TermRules, TermUnit,
};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Row {
    code: String,
    term: Option<Term>,
    cutoff: Cutoff,
    #[serde(default)]
    by_channel: BTreeMap<String, Amount>,
    hard_area: Option<Amount>,
    #[serde(default)]
    cases: Vec<CaseRow>,
}

#[derive(Deserialize)]
struct CaseRow {
    code: String,
    effect: String,
    amount: Option<Amount>,
    basis: String,
}

fn rules(row: &Row) -> Option<TermRules> {
    let case = |case: &CaseRow| TermCase {
        code: case.code.clone(),
        name: None,
        effect: match case.effect.as_str() {
            "limit" => CaseEffect::Limit(case.amount.unwrap()),
            _ => CaseEffect::Adds(case.amount),
        },
        basis: case.basis.clone(),
    };
    Some(TermRules {
        base: row.term?,
        statutory: None,
        by_channel: row.by_channel.iter().map(|(of, &amount)| (of.parse().unwrap(), amount)).collect(),
        hard_area: row.hard_area,
        cases: row.cases.iter().map(case).collect(),
    })
}

fn catalogue() -> BTreeMap<String, TermRules> {
    let rows: Vec<Row> = serde_json::from_str(&file("config/province/procedures.json")).unwrap();
    let made = rows.iter().filter_map(|row| {
        let rules = rules(row)?;
        rules.check(row.cutoff).unwrap();
        Some((row.code.clone(), rules))
    });
    made.collect()
}

fn chosen(codes: &[(&str, Option<&str>)]) -> Vec<ChosenCase> {
    let one = |&(code, amount): &(&str, Option<&str>)| ChosenCase {
        code: code.to_owned(),
        amount: amount.map(|amount| amount.parse().unwrap()),
    };
    codes.iter().map(one).collect()
}

fn resolved(code: &str, area: Area, cases: &[(&str, Option<&str>)]) -> Result<String, TermError> {
    let term = catalogue()[code].resolve(Channel::Direct, area, &chosen(cases))?;
    Ok(format!("{} {}", term.amount(), term.unit()))
}

#[test]
fn every_procedure_of_the_catalogue_has_a_term_for_every_channel_area_and_case() {
    let catalogue = catalogue();
    assert!(catalogue.len() > 90);
    for (code, rules) in &catalogue {
        let open = |case: &TermCase| case.effect == CaseEffect::Adds(None);
        let all: Vec<_> = rules
            .cases
            .iter()
            .map(|case| ChosenCase { code: case.code.clone(), amount: open(case).then(|| Amount::whole(5)) })
            .collect();
        for &channel in Channel::ALL {
            for area in [Area::Ordinary, Area::Hard] {
                assert!(rules.resolve(channel, area, &[]).is_ok(), "{code}");
                assert!(rules.resolve(channel, area, &all).is_ok(), "{code}");
            }
        }
    }
}

#[test]
fn hard_areas_and_channels_have_their_own_amounts() {
    assert_eq!(resolved("1.115343", Area::Ordinary, &[]).unwrap(), "9 working_day");
    assert_eq!(resolved("1.115345", Area::Hard, &[]).unwrap(), "16.5 working_day");
    let postal = catalogue()["1.000603"].resolve(Channel::Postal, Area::Ordinary, &[]);
    assert_eq!(postal, Ok(term("24", TermUnit::WorkingHour)));
}

#[test]
fn a_limit_replaces_what_holds_and_additions_add_to_it() {
    let found = |code, cases: &[(&str, Option<&str>)]| resolved(code, Area::Ordinary, cases).unwrap();
    assert_eq!(found("1.000894", &[("verification", None)]), "5 working_day");
    assert_eq!(found("1.001022", &[("verification", None)]), "8 working_day");
    assert_eq!(found("1.004884", &[("verification", None)]), "25 working_day");
    let both = [("change_or_correction", None), ("verification", None)];
    assert_eq!(found("1.004859", &both), "6 working_day");
    assert_eq!(found("1.004859", &[both[1], both[0]]), "6 working_day");
    assert_eq!(found("1.004873", &[("verification", Some("4"))]), "7 working_day");
}

#[test]
fn cases_that_the_version_does_not_allow_are_refused() {
    let code = || "verification".to_owned();
    let refused = |of, cases: &[(&str, Option<&str>)]| resolved(of, Area::Ordinary, cases).unwrap_err();
    assert_eq!(refused("1.004873", &[("verification", None)]), TermError::AmountMissing { code: code() });
    assert_eq!(refused("1.004873", &[("verification", Some("0"))]), TermError::AmountMissing { code: code() });
    assert_eq!(refused("1.001022", &[("verification", Some("9"))]), TermError::AmountFixed { code: code() });
    assert_eq!(refused("1.004837", &[("verification", None)]), TermError::UnknownCase { code: code() });
    let twice = [("verification", None), ("verification", None)];
    assert_eq!(refused("1.001022", &twice), TermError::RepeatedCase { code: code() });
}

#[test]
fn the_cutoff_at_15_00_with_a_longer_base_term_is_a_fault() {
    let rules = |base| TermRules { base, statutory: None, by_channel: vec![], hard_area: None, cases: vec![] };
    assert_eq!(rules(days("1")).check(Cutoff::At1500), Err(TermError::CutoffNeedsSameDay));
    assert_eq!(rules(days("0")).check(Cutoff::At1500), Ok(()));
    assert_eq!(rules(days("1")).check(Cutoff::LastHour), Ok(()));
}

#[test]
fn amounts_are_exact_from_text_and_from_json() {
    for (text, hundredths, shown) in
        [("4.75", 475, "4.75"), ("6.50", 650, "6.5"), ("0", 0, "0"), ("8000", 800_000, "8000"), ("0.05", 5, "0.05")]
    {
        let amount: Amount = text.parse().unwrap();
        assert_eq!((amount.hundredths(), amount.to_string().as_str()), (hundredths, shown));
        assert_eq!(serde_json::from_str::<Amount>(text).unwrap(), amount);
        assert_eq!(serde_json::from_str::<Amount>(&format!("\"{text}\"")).unwrap(), amount);
        assert_eq!(serde_json::to_string(&amount).unwrap(), shown);
    }
    for text in ["", ".", "-1", "+1", "1.", ".5", "4,75", "1e3", "0.005", "8000.01", "NaN", "99999999999", "٤"] {
        assert!(text.parse::<Amount>().is_err(), "{text}");
    }
    assert!(serde_json::from_str::<Amount>("-1").is_err());
    assert!(serde_json::from_str::<Amount>("1e300").is_err());
    assert!(serde_json::from_str::<Amount>("null").is_err());
}

#[test]
fn a_unit_takes_only_its_own_amounts() {
    let made = |amount: &str, unit| Term::new(amount.parse().unwrap(), unit).is_ok();
    let cases = [
        (TermUnit::WorkingDay, ["0", "0.25", "1000"], ["0.3", "1000.25", "4.05"]),
        (TermUnit::WorkingHour, ["0.25", "8", "8000"], ["0", "0.1", "7.99"]),
        (TermUnit::CalendarDay, ["1", "30", "1000"], ["0", "1.5", "1001"]),
        (TermUnit::Month, ["1", "12", "120"], ["0", "0.5", "121"]),
    ];
    for (unit, right, wrong) in cases {
        assert!(right.iter().all(|amount| made(amount, unit)), "{unit}");
        assert!(!wrong.iter().any(|amount| made(amount, unit)), "{unit}");
    }
    let json = r#"{"amount": 0, "unit": "month"}"#;
    assert!(serde_json::from_str::<Term>(json).is_err());
}

#[test]
fn words_are_read_as_they_are_written() {
    assert!(TermUnit::ALL.iter().all(|unit| unit.as_str().parse() == Ok(*unit)));
    assert!(Cutoff::ALL.iter().all(|cutoff| cutoff.as_str().parse() == Ok(*cutoff)));
    assert_eq!(serde_json::to_string(&Cutoff::At1500).unwrap(), "\"at_15_00\"");
    assert_eq!(
        "week".parse::<TermUnit>().unwrap_err().to_string(),
        "`week` is none of working_hour, working_day, calendar_day, month"
    );
}
