//! What a crash between sending and recording leaves.

use std::sync::Arc;

use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::domain::notice::NoticeStatus;
use motcua::notices::sending::Lane;
use motcua::schema::notice_attempts;

use super::dispatch::{by_get, that_knows_ids};
use super::gateway::{Does, SmsServer};
use super::given::{House, sms};

/// Sends four messages and dies when the gateway has them and nothing is recorded.
async fn die_while_sending(house: &House, server: &SmsServer) {
    server.next(vec![Does::TakesAndWaits; 4]);
    let lane = sms_lane(house);
    let (state, stop) = (house.app.state.clone(), house.stop.clone());
    let worker = tokio::spawn(async move { lane.tick(&state, &stop).await });
    tokio::task::block_in_place(|| server.wait_for(4));
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    server.open_the_gate();
}

fn sms_lane(house: &House) -> Arc<Lane> {
    Arc::new(house.lanes().into_iter().next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_sends_nothing_twice_where_the_gateway_knows_ids() {
    let server = SmsServer::start();
    let house = House::new(that_knows_ids(&server));
    let ids = house.many_sms(4);
    die_while_sending(&house, &server).await;
    assert_eq!(house.drain().await.claimed, 0, "the lease still runs");
    house.app.pass(TimeDelta::seconds(91));
    assert_eq!(house.drain().await.sent, 4);
    assert_eq!(server.taken().len(), 4);
    assert_eq!(server.repeated(), 4);
    assert!(ids.iter().all(|id| house.status(*id) == NoticeStatus::Sent));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_leaves_messages_in_doubt_where_the_gateway_knows_no_ids() {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let ids = house.many_sms(4);
    die_while_sending(&house, &server).await;
    house.app.pass(TimeDelta::seconds(91));
    assert_eq!(house.drain().await.in_doubt, 4);
    house.app.pass(TimeDelta::hours(1));
    assert_eq!(house.drain().await.claimed, 0);
    assert_eq!(server.asked().len(), 4);
    assert!(ids.iter().all(|id| house.status(*id) == NoticeStatus::InDoubt));
    assert_eq!(house.outcomes(ids[0]), ["ambiguous"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_wakes_up_too_late_records_nothing_over_another() {
    let server = SmsServer::start();
    let house = House::new(that_knows_ids(&server));
    let id = house.one_sms();
    server.next([Does::TakesAndWaits]);
    let lane = sms_lane(&house);
    let (state, stop) = (house.app.state.clone(), house.stop.clone());
    let late = tokio::spawn(async move { lane.tick(&state, &stop).await });
    tokio::task::block_in_place(|| server.wait_for(1));
    house.app.pass(TimeDelta::seconds(91));
    // The other is refused for now, so the message stays in its queue.
    server.next([Does::Says(429, "Retry-After: 60\r\n", "")]);
    house.drain().await;
    server.open_the_gate();
    late.await.unwrap().unwrap();
    assert_eq!(house.status(id), NoticeStatus::Queued);
    assert_eq!(house.queued(), (1, Some(1)));
    house.app.pass(TimeDelta::seconds(90));
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(server.taken(), [id.to_string()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graceful_stop_ends_what_is_under_way_and_puts_the_rest_back() {
    for knows_ids in [true, false] {
        let server = SmsServer::start();
        let (one, other) = (by_get(&server), that_knows_ids(&server));
        let house = House::new(|config| {
            if knows_ids {
                other(config)
            } else {
                one(config)
            }
            // The loops share what may be under way where a repeated request would go out twice.
            sms(config).sending.in_flight = if knows_ids { 2 } else { 4 };
            config.notices.batch = 5;
        });
        house.many_sms(5);
        server.next(vec![Does::TakesAndWaits; 2]);
        let lane = sms_lane(&house);
        let (state, stop) = (house.app.state.clone(), house.stop.clone());
        let worker = tokio::spawn(async move { lane.tick(&state, &stop).await });
        tokio::task::block_in_place(|| server.wait_for(2));
        house.stopper.stop();
        server.open_the_gate();
        let tick = worker.await.unwrap().unwrap();
        assert_eq!((tick.sent, tick.in_doubt), (2, 0));
        assert_eq!(house.queued(), (3, Some(0)), "free at once, and no try lost");
        assert_eq!(server.taken().len(), 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_leaves_no_more_in_doubt_than_may_be_under_way() {
    let server = SmsServer::start();
    let describe = by_get(&server);
    let house = House::new(|config| {
        describe(config);
        sms(config).sending.in_flight = 4;
    });
    house.many_sms(10);
    server.next(vec![Does::TakesAndWaits; 4]);
    let lane = Arc::new(sms_lane(&house));
    let tick = || {
        let (lane, state, stop) = (Arc::clone(&lane), house.app.state.clone(), house.stop.clone());
        tokio::spawn(async move { lane.tick(&state, &stop).await })
    };
    let loops: Vec<_> = (0..lane.loops()).map(|_| tick()).collect();
    tokio::task::block_in_place(|| server.wait_for(4));
    let begun = notice_attempts::table.filter(notice_attempts::outcome.eq("intent"));
    assert_eq!(begun.count().get_result(&mut house.conn()), Ok(4));
    server.open_the_gate();
    for done in loops {
        assert_eq!(done.await.unwrap().unwrap().sent, 2);
    }
}
