//! `motcua calendar …`: its clock is the machine's, so the day off is put where the dossier is due.

use chrono::{Datelike, Days, NaiveDate};
use motcua::platform::clock::Clock;
use serde_json::{Value, json};

use super::given::{Given, SEVEN_DAYS};
use crate::support::app::intake;
use crate::support::program::{Ran, motcua};

/// The keys of all tests, which open the phones of people.
const KEYS: &str = "[secrets]\nsealing_keys = { 1 = \"c2VhbGluZyBrZXkgb2YgdGVzdHMsIDMyIGJ5dGVzISE=\" }\n\
    index_key = \"aW5kZXgga2V5IG9mIHRlc3RzLCAzMiBieXRlcyBvZiBpdA==\"\n";

/// A dossier received now, and a file that gives off the day on which it is due.
struct Announced {
    given: Given,
    code: String,
    due_on: NaiveDate,
}

impl Announced {
    async fn now() -> Self {
        let given = Given::at("2026-01-05 08:00").await;
        given.app().state.clock.set(Clock::System.now());
        let form = intake(SEVEN_DAYS.0, SEVEN_DAYS.1);
        let received = given.app().post("/dossiers", &given.office.clerk, &form).await.expect(201);
        let due_on = received.field("due_at")[..10].parse().unwrap();
        std::fs::write(given.app().dir.path().join("keys.toml"), KEYS).unwrap();
        let this = Self { code: received.field("code"), given, due_on };
        this.write(|_| {});
        this
    }

    fn write(&self, change: impl FnOnce(&mut Value)) {
        let mut calendar: Value = serde_json::from_str(include_str!("../../../config/province/calendar.json")).unwrap();
        let mut years = calendar["years"].as_array().unwrap().clone();
        years.retain(|year| year["year"] == self.due_on.year());
        years[0]["off"].as_array_mut().unwrap().push(json!(self.due_on));
        calendar["years"] = json!(years);
        change(&mut calendar);
        std::fs::write(self.given.app().dir.path().join("swap.json"), calendar.to_string()).unwrap();
    }

    fn run(&self, args: &[&str]) -> Ran {
        let args = [&["--config", "keys.toml"], args].concat();
        motcua(&self.given.app().db, self.given.app().dir.path(), &args)
    }
}

#[actix_web::test]
async fn a_calendar_is_tried_published_and_followed_at_the_terminal() {
    let announced = Announced::now().await;
    let (code, due_on) = (&announced.code, announced.due_on);
    let tried = announced.run(&["calendar", "publish", "swap.json", "--dry-run"]).succeeds().out;
    let (line, summary) = (tried.lines().next().unwrap(), tried.lines().last().unwrap());
    assert!(line.starts_with(&format!("{code} H21.11 {due_on} 17:00 → ")), "{tried}");
    assert!(tried.contains("\nH21.11: 1 of 1 move\n"), "{tried}");
    assert!(summary.starts_with("calendar 2 would move 1 of 1 due dates; 0 clocks stand"), "{tried}");
    let published = announced.run(&["calendar", "publish", "swap.json", "--tell"]).succeeds();
    assert_eq!(
        published.out,
        "calendar 2 is in force; 1 open dossiers follow\nall open dossiers follow the calendar in force\n"
    );
    assert!(published.err.contains("dossiers: 1 done"), "{published:?}");
    let due = announced.given.due(code).await.0.unwrap();
    assert!(line.ends_with(&due), "{due} in {line}");
    let told = announced.given.app().notices().into_iter().filter(|(purpose, ..)| purpose == "due_changed");
    assert_eq!(told.count(), 2, "by SMS and mail");
    announced.run(&["calendar", "follow"]).succeeds();
    let again = announced.run(&["calendar", "publish", "swap.json"]);
    again.fails(1, "calendar.json: it says what calendar 2, which is in force, says already");
}

#[actix_web::test]
async fn a_publishing_that_was_broken_off_goes_on_at_the_terminal() {
    let announced = Announced::now().await;
    let text = std::fs::read(announced.given.app().dir.path().join("swap.json")).unwrap();
    let calendar: Value = serde_json::from_slice(&text).unwrap();
    announced.given.publish(&json!({ "calendar": calendar })).await.expect(201);
    announced.write(|calendar| {
        let next = announced.due_on + Days::new(1);
        calendar["years"][0]["off"].as_array_mut().unwrap().push(json!(next));
    });
    let early = announced.run(&["calendar", "publish", "swap.json"]);
    early.fails(1, "The open dossiers still follow the calendar published before");
    let followed = announced.run(&["calendar", "follow"]).succeeds();
    assert_eq!(followed.out, "all open dossiers follow the calendar in force\n");
    assert!(announced.given.publication(2).await["finished_at"].is_string());
}

#[actix_web::test]
async fn a_file_with_faults_is_refused_line_by_line() {
    let announced = Announced::now().await;
    let day = announced.due_on;
    announced.write(|calendar| {
        calendar["years"][0]["work"] = json!([day]);
        calendar["working_time"][1]["from"] = json!("11:00");
    });
    let refused = announced.run(&["calendar", "publish", "swap.json"]);
    let said = format!("calendar.json: item 1 ({}): /work/0: {day} is listed both off and worked", day.year());
    assert!(refused.err.contains("calendar.json: /working_time/1: the working time from 11:00:00 overlaps"));
    assert!(refused.err.contains("2 faults, nothing was published"), "{refused:?}");
    refused.fails(1, &said);
    announced.run(&["calendar", "publish", "nowhere.json"]).fails(1, "nowhere.json can't be read");
    std::fs::write(announced.given.app().dir.path().join("swap.json"), "[").unwrap();
    announced.run(&["calendar", "publish", "swap.json"]).fails(1, "swap.json is no JSON");
}
