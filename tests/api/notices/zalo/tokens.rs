use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::notices::sending::{Gateway, Lane, drain, tokens};
use motcua::notices::{pause_sending, resume_sending};
use motcua::schema::gateway_tokens;
use motcua::state::AppState;

use super::server::{Gives, ZaloServer};
use super::{house, one_notice, zalo};
use crate::notices::given::House;
use crate::support::app::TestApp;

/// Another process beside the house's, with this refresh token in its settings.
fn other_process(house: &House, server: &ZaloServer, refresh_token: &str) -> TestApp {
    TestApp::on_same_with(&house.app, |config| {
        config.gateways.insert("zalo".to_owned(), zalo(server, refresh_token));
    })
}

/// Looks after the tokens as a process does that has just started; returns how many pairs it fetched.
async fn tick(state: &AppState) -> usize {
    tokens::tick(state, &Gateway::all(&state.config).unwrap()).await.unwrap()
}

fn lanes(state: &AppState) -> Vec<Lane> {
    Lane::all(state, Gateway::all(&state.config).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_processes_that_want_the_next_pair_one_asks_for_it() {
    let server = ZaloServer::start();
    let house = house(&server);
    let other = other_process(&house, &server, "refresh-1");
    server.gives(Gives::AfterTheGate);
    let state = house.app.state.clone();
    let first = tokio::spawn(async move { tick(&state).await });
    tokio::task::block_in_place(|| server.is_asked_for_tokens());
    assert_eq!(tick(&other.state).await, 0, "another is fetching it");
    // A message of the other process waits for the pair instead of being refused.
    one_notice(&house);
    let (state, stop) = (other.state.clone(), house.stop.clone());
    let second = tokio::spawn(async move { drain(&state, &lanes(&state), &stop).await.unwrap() });
    server.open_the_gate();
    assert_eq!((first.await.unwrap(), second.await.unwrap().sent), (1, 1));
    assert_eq!(server.shown(), ["refresh-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_messages_of_two_processes_that_meet_a_token_that_has_ended_ask_once_for_the_next() {
    let server = ZaloServer::start();
    let house = house(&server);
    let other = other_process(&house, &server, "refresh-1");
    let (ours, theirs) = (lanes(&house.app.state), lanes(&other.state));
    one_notice(&house);
    assert_eq!(drain(&house.app.state, &ours, &house.stop).await.unwrap().sent, 1);
    one_notice(&house);
    assert_eq!(drain(&other.state, &theirs, &house.stop).await.unwrap().sent, 1);
    server.end_the_token();
    let ids = [(); 12].map(|()| one_notice(&house));
    let (one, two) =
        tokio::join!(drain(&house.app.state, &ours, &house.stop), drain(&other.state, &theirs, &house.stop));
    assert_eq!(one.unwrap().sent + two.unwrap().sent, 12);
    assert!(ids.iter().all(|id| house.outcomes(*id) == ["accepted"]));
    assert_eq!(server.shown(), ["refresh-1", "refresh-2"]);
}

#[tokio::test]
async fn the_pair_lies_sealed_in_the_database_and_outlives_the_process_that_fetched_it() {
    let server = ZaloServer::start();
    let house = house(&server);
    assert_eq!(tick(&house.app.state).await, 1);
    let (access, refresh): (Option<Vec<u8>>, Vec<u8>) = gateway_tokens::table
        .select((gateway_tokens::access, gateway_tokens::refresh))
        .first(&mut house.conn())
        .unwrap();
    for (sealed, plain) in [(access.unwrap(), "access-1"), (refresh, "refresh-2")] {
        assert!(!sealed.windows(plain.len()).any(|part| part == plain.as_bytes()), "{plain}");
    }
    // Whoever fetched it is gone; what has just started sends by it.
    one_notice(&house);
    let after = other_process(&house, &server, "refresh-1");
    assert_eq!(tick(&after.state).await, 0);
    assert_eq!(drain(&after.state, &lanes(&after.state), &house.stop).await.unwrap().sent, 1);
    assert_eq!(server.shown(), ["refresh-1"]);
    // Before its time is over the next is got, by the refresh token that came with it.
    after.pass(TimeDelta::hours(24) + TimeDelta::minutes(31));
    assert_eq!(tick(&after.state).await, 1);
    assert_eq!(server.shown(), ["refresh-1", "refresh-2"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_killed_while_it_asks_leaves_the_refresh_token_to_another() {
    let server = ZaloServer::start();
    let house = house(&server);
    server.gives(Gives::Nothing);
    let state = house.app.state.clone();
    let killed = tokio::spawn(async move { tick(&state).await });
    tokio::task::block_in_place(|| server.is_asked_for_tokens());
    killed.abort();
    assert!(killed.await.unwrap_err().is_cancelled());
    assert_eq!(tick(&house.app.state).await, 0, "it may still be asking");
    house.app.pass(TimeDelta::minutes(4));
    assert_eq!(tick(&house.app.state).await, 1);
    assert_eq!(server.shown(), ["refresh-1", "refresh-1"]);
}

#[tokio::test]
async fn a_pair_that_was_lost_is_begun_anew_by_another_setting_once_and_no_message_is_lost_meanwhile() {
    let server = ZaloServer::start();
    let house = house(&server);
    let id = one_notice(&house);
    server.gives(Gives::TakesAndDrops);
    assert_eq!(house.drain().await.retried, 1);
    assert_eq!((house.outcomes(id), house.queued()), (vec!["account".to_owned()], (1, Some(0))));
    assert_eq!(tick(&house.app.state).await, 0, "it rests after a failure");
    house.app.pass(TimeDelta::minutes(2));
    assert_eq!(tick(&house.app.state).await, 0, "what was used up is refused");

    server.make_anew("refresh-made-anew");
    let mended = other_process(&house, &server, "refresh-made-anew");
    assert_eq!(tick(&mended.state).await, 1);
    // A process that still has the old setting does not go back to it.
    assert_eq!(tick(&house.app.state).await, 0);
    house.app.pass(TimeDelta::minutes(5));
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(server.shown(), ["refresh-1", "refresh-1", "refresh-made-anew"]);
}

#[tokio::test]
async fn while_sending_is_paused_no_pair_is_used_up() {
    let server = ZaloServer::start();
    let house = house(&server);
    house.act(|conn, act| pause_sending(conn, act, "restored")).unwrap();
    assert_eq!(tick(&house.app.state).await, 0);
    assert!(server.shown().is_empty());
    house.act(resume_sending).unwrap();
    assert_eq!(tick(&house.app.state).await, 1);
}
