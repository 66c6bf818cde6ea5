//! Every figure of every answer says what it means, of which period it is, when it was counted and by which calendars.

use std::collections::BTreeSet;

use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::routes::OF_A_PERIOD;
use crate::calendars::given::Given;
use crate::support::app::TestApp;
use crate::support::office::{Office, TEN_DAYS};

const PUBLIC: &str = "/public/statistics";

/// Results of October 2026, one early and one in the last minutes before it was due, and a dossier that is pending.
async fn given() -> (Office, String) {
    let office = Office::at("2026-10-05 09:00").await;
    let mut codes = Vec::new();
    for _ in 0..3 {
        codes.push(office.in_process(TEN_DAYS).await);
    }
    for (code, now) in codes.iter().zip(["2026-10-12 08:00", "2026-10-15 16:55"]) {
        office.app.set(now);
        office.act(code, "finish", &office.leader, json!({ "result": "granted" })).await.expect(200);
    }
    office.app.set("2026-11-02 08:00");
    let token = office.app.sign_in(Role::Controller, "H21");
    (office, token)
}

const OCTOBER: &str = "calendar_month=2026-10";

/// The routes that answer figures themselves; charts are pictures of figures that others answer.
fn of_figures() -> impl Iterator<Item = &'static str> {
    let paths = OF_A_PERIOD.iter().map(|(path, _)| *path);
    paths.filter(|path| !path.ends_with("/dossiers") && !path.contains("/charts/"))
}

/// The names that are defined where an answer says.
async fn defined(app: &TestApp, answer: &Value) -> BTreeSet<String> {
    let address = answer["definitions"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let list = app.read(address.strip_prefix("/api/v1").unwrap()).await.expect(200);
    list.items().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

/// What is no figure: where a row is, and what an answer may leave out.
const NO_FIGURES: [&str; 11] = [
    "unit",
    "unit_name",
    "weekday",
    "hour",
    "change",
    "counted_until",
    "note",
    "not_computable",
    "numerator_cell",
    "denominator_cell",
    "averages",
];

/// Gathers the names of all figures of an answer, and the words that stand for figures.
fn figures(value: &Value, found: &mut BTreeSet<String>) {
    let Some(fields) = value.as_object() else {
        return value.as_array().into_iter().flatten().for_each(|item| figures(item, found));
    };
    for (name, value) in fields.iter().filter(|(name, _)| !["period", "calendar", "key"].contains(&name.as_str())) {
        let stands_for_one = ["indicator", "pattern", "cell"].contains(&name.as_str()) || name.ends_with("_cell");
        match value {
            Value::Object(rate) if rate.contains_key("basis_points") => {
                let definition = rate["definition"].as_str().unwrap_or_else(|| panic!("{name} has no definition"));
                assert!(name == "rate" || name == definition, "{name} is called {definition}");
                found.insert(definition.to_owned());
            }
            Value::Object(_) | Value::Array(_) => figures(value, found),
            Value::String(word) if stands_for_one => drop(found.insert(word.clone())),
            Value::String(_) if name != "score" && !name.ends_with("_vnd") => {}
            _ if NO_FIGURES.contains(&name.as_str()) => {}
            _ => drop(found.insert(name.clone())),
        }
    }
}

/// The figures that the columns of a report show.
fn shown(report: &Value) -> BTreeSet<String> {
    let columns = report["columns"].as_array().unwrap().iter();
    let counting = columns.filter(|column| column["kind"] == "count" || column["kind"] == "rate");
    let words = counting.flat_map(|column| column["shows"].as_str().unwrap().split([' ', '+', '-', '/', '(', ')']));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[actix_web::test]
async fn every_figure_of_every_answer_is_defined_where_the_answer_says() {
    let (Office { app, .. }, token) = given().await;
    for path in of_figures().chain([PUBLIC, "/reports/late-acceptance"]) {
        let period = if path == PUBLIC { "month=2026-10" } else { OCTOBER };
        let answer = app.get(&format!("{path}?{period}"), &token).await.expect(200).body;
        let mut found = BTreeSet::new();
        match path.starts_with("/reports/") {
            true => found = shown(&answer),
            false => figures(&answer, &mut found),
        }
        let undefined: Vec<_> = found.difference(&defined(&app, &answer).await).cloned().collect();
        assert!(!found.is_empty() && undefined.is_empty(), "{path}: {undefined:?} of {found:?}");
    }
}

#[actix_web::test]
async fn every_word_that_leads_to_dossiers_is_defined() {
    let (Office { app, .. }, token) = given().await;
    for (path, more) in OF_A_PERIOD {
        let Some((parameter, _)) = more.trim_start_matches('&').split_once('=') else { continue };
        if !["cell", "pattern"].contains(&parameter) {
            continue;
        }
        let refused = app.get(&format!("{path}?{OCTOBER}&{parameter}=shoe"), &token).await.expect(422);
        assert_eq!(refused.faults(), [(format!("?{parameter}").as_str(), "unknown_word")], "{path}");
        let allowed = refused.body["errors"][0]["detail"].as_str().unwrap();
        let words = allowed.split_once(": ").unwrap().1.split(", ");
        let table = match path {
            "/statistics/dossiers" => "/statistics/units",
            path => path.strip_suffix("/dossiers").unwrap(),
        };
        let answer = app.get(&format!("{table}?{OCTOBER}"), &token).await.expect(200).body;
        let defined = defined(&app, &answer).await;
        let undefined: Vec<_> = words.filter(|word| !defined.contains(*word)).collect();
        assert!(undefined.is_empty(), "{path}: {undefined:?}");
    }
}

#[actix_web::test]
async fn every_answer_with_figures_names_its_period_instant_and_calendars() {
    let given = Given::at("2026-11-09 08:00").await;
    given.swapped().await;
    given.app().set("2026-11-10 08:00");
    for path in of_figures() {
        let answer = given.app().get(&format!("{path}?calendar_month=2026-11"), &given.controller).await;
        let answer = answer.expect(200).body;
        assert_eq!(answer["as_of"], "2026-11-10T08:00:00+07:00", "{path}");
        assert_eq!(answer["period"]["text"], "01/11/2026 – 30/11/2026", "{path}");
        match path.starts_with("/reports/") {
            true => assert_eq!(answer["calendar_version"], 2, "{path}"),
            false => {
                assert_eq!(answer["calendar"]["version"], 2, "{path}");
                let versions = answer["calendar"]["versions"].as_array().unwrap();
                assert_eq!(versions.last(), Some(&json!(2)), "{path}");
            }
        }
    }
    let public = given.app().read(&format!("{PUBLIC}?month=2026-10")).await.expect(200).body;
    assert_eq!((&public["as_of"], &public["calendar"]["version"]), (&json!("2026-11-10T08:00:00+07:00"), &json!(2)));
    // What was known before the calendar changed was counted by the one before.
    let before = "/statistics/units?calendar_month=2026-11&as_of=2026-11-08";
    let before = given.app().get(before, &given.controller).await.expect(200).body;
    assert_eq!((&before["calendar"]["version"], &before["calendar"]["versions"]), (&json!(1), &json!([1])));
}

/// A route that takes a period and is not among those tested here would escape them.
#[actix_web::test]
async fn every_route_that_takes_a_period_is_known_here() {
    let document = TestApp::at("2026-10-05 09:00").await.read("/openapi.json").await.expect(200).body;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        if !parameters.into_iter().any(|parameter| parameter["name"] == "half_year") {
            continue;
        }
        let path = path.strip_prefix("/api/v1").unwrap();
        let fixed = path.split('{').next().unwrap();
        let is_known = OF_A_PERIOD.iter().any(|(known, _)| *known == path || path != fixed && known.starts_with(fixed));
        assert!(is_known, "{path} is not in OF_A_PERIOD");
    }
}

#[actix_web::test]
async fn definitions_are_asked_for_by_topic() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let topic = async |word: &str| app.read(&format!("/statistics/definitions?topic={word}")).await;
    let quality = topic("quality").await.expect(200);
    let received: Vec<_> = quality.items().iter().filter(|item| item["name"] == "received").collect();
    assert_eq!(received.len(), 1, "a name has one meaning in a topic");
    assert_eq!((&received[0]["topic"], &received[0]["column"]), (&json!("quality"), &Value::Null));
    let dossiers = topic("dossiers").await.expect(200);
    let late = dossiers.items().iter().find(|item| item["name"] == "late").unwrap();
    assert_eq!((&late["column"], &late["source"]), (&json!(10), &json!("TT 01/2020/TT-VPCP, biểu 06")));
    assert_eq!(topic("shoe").await.expect(422).faults(), [("?topic", "unknown_word")]);
    let all = app.read("/statistics/definitions").await.expect(200);
    let topics: BTreeSet<_> = all.items().iter().map(|item| item["topic"].as_str().unwrap().to_owned()).collect();
    assert_eq!(topics.len(), 16);
}
