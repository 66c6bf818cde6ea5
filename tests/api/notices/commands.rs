//! `motcua notices …`, as a person at the server's terminal types it.

use motcua::domain::notice::NoticeStatus;

use super::given::{House, UNIT};
use crate::support::program::{Ran, motcua};

fn run(house: &House, args: &[&str]) -> Ran {
    motcua(&house.app.db, house.app.dir.path(), &[&["notices"], args].concat())
}

fn with_dead(count: usize) -> House {
    let house = House::new(|_| {});
    house.many_sms(count).iter().for_each(|id| house.kill(*id, "given_up"));
    house
}

#[test]
fn dead_letters_are_counted_and_named() {
    let house = with_dead(2);
    let counted = run(&house, &["dead"]).succeeds().out;
    assert_eq!(counted, "given_up\t2\tsince 2026-09-25T09:00:00+07:00\ntotal\t2\n");
    let named = run(&house, &["dead", "--list", "--unit", UNIT]).succeeds().out;
    assert_eq!(named.lines().count(), 2);
    assert!(
        named.contains("\tgiven_up\tH48.24-260925-") && named.contains("\tresult_early\tsms\t0905***456"),
        "{named}"
    );
    assert_eq!(run(&house, &["dead", "--reason", "expired"]).succeeds().out, "total\t0\n");
    run(&house, &["dead", "--reason", "late"]).fails(1, "--reason: Must be one of: given_up");
    run(&house, &["dead", "--unit", "H99"]).fails(1, "There is no such unit");
}

#[test]
fn dead_letters_are_sent_again_with_progress_and_many_need_two_people() {
    let house = with_dead(3);
    let all = ["replay", "--reason", "given_up", "--why", "the gateway is back"];
    let would = run(&house, &[&all[..], &["--dry-run"]].concat()).succeeds();
    assert_eq!(would.out, "replay: 3 notices would be reached, nothing was done\n");
    let ran = run(&house, &all).succeeds();
    assert_eq!(ran.out, "replay: done to 3 of 3 notices\n");
    assert!(ran.err.contains("notices: 3 done"), "{}", ran.err);
    assert_eq!(house.queued().0, 3);
    run(&house, &["replay"]).fails(2, "--why <TEXT>");
    let called_back = run(&house, &["cancel", "--why", "wrong words"]).succeeds();
    assert_eq!(called_back.out, "cancel: done to 3 of 3 notices\n");
    assert_eq!(house.queued().0, 0);
    let few = house.app.dir.path().join("few.toml");
    std::fs::write(&few, "notices = { two_people_above = 0 }").unwrap();
    let house = with_dead(1);
    let args = ["--config", few.to_str().unwrap(), "replay", "--why", "x"];
    run(&house, &args).fails(1, "1 notices: above 0 two people are needed");
    assert_eq!(house.queued().0, 0);
}

#[test]
fn single_notices_are_named_by_their_keys() {
    let house = with_dead(2);
    let ids = house.many_sms(0);
    let (one, other) = (ids[0].to_string(), ids[1].to_string());
    let told = run(&house, &["told-by-phone", &one, "--why", "the daughter answered"]).succeeds().out;
    assert_eq!(told, format!("{one}: told_by_phone done\n"));
    let refused = run(&house, &["cancel", &other, "--why", "x"]);
    refused.fails(1, &format!("{other}: The notice is given_up; only one that is still queued can be cancelled"));
    run(&house, &["replay", "--on", "pigeon", &other, "--why", "x"]).fails(1, "--on: Must be one of");
    run(&house, &["told-by-phone", &other, "--why", " ", "--at", "noon"]).fails(1, "--why: ");
    run(&house, &["told-by-phone", &other, "--why", "x", "--at", "noon"]).fails(1, "--at: ");
    assert_eq!(house.status(ids[1]), NoticeStatus::GivenUp);
    let counted = run(&house, &["dead"]).succeeds().out;
    assert!(counted.ends_with("total\t1\n"), "{counted}");
    let summary = run(&house, &["summary", "--from", "2026-09-25", "--to", "2026-09-26"]).succeeds().out;
    assert_eq!(summary, "result_early\tsms\tgiven_up\t2\t2 segments\ntotal\t2\n");
    let summary_of = |from, to| run(&house, &["summary", "--from", from, "--to", to]);
    summary_of("2150-01-01", "2150-02-01").fails(1, "--from: The period begins on 2150-01-01, which has not come yet");
    summary_of("2026-09-26", "2026-09-25").fails(1, "is empty");
}
