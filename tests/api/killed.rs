//! The service, and a replay, killed without warning: what was acknowledged is there, and nothing is half done.

use std::sync::mpsc;

use chrono::TimeDelta;
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::notices::sending::{Gateway, Lane, drain};
use motcua::platform::clock::Clock;
use motcua::platform::progress::Progress;
use motcua::platform::stop::stop;
use motcua::schema::{dossier_events, dossier_states, dossiers, notice_queue, notices};
use motcua::simulation::{Targets, simulate};

use crate::notices::dispatch::that_knows_ids;
use crate::notices::gateway::SmsServer;
use crate::support::app::{TestApp, intake};
use crate::support::client::JsonBody;
use crate::support::db::Holds;
use crate::support::program::Process;

/// Settings of the process: the keys of all tests, and the gateway that knows repeated ids.
fn settings(gateway: &SmsServer) -> String {
    format!(
        "[server]\nbind = \"127.0.0.1:0\"\nthreads = 1\n\
         [secrets]\nsealing_keys = {{ 1 = \"c2VhbGluZyBrZXkgb2YgdGVzdHMsIDMyIGJ5dGVzISE=\" }}\n\
         index_key = \"aW5kZXgga2V5IG9mIHRlc3RzLCAzMiBieXRlcyBvZiBpdA==\"\n\
         [notices]\nday_to = \"07:00\"\n[gateways.sms]\nkind = \"http\"\nanswer = {{ code = [\"/code\"], accepted = [\"100\"] }}\n\
         sending = {{ class = \"idempotent\", known_for_s = 86400 }}\n\
         [gateways.sms.request]\nurl = \"{}/send\"\nheaders = {{ X-Knows-Ids = \"yes\" }}\n\
         params = {{ phone = \"{{to_local}}\", text = \"{{text}}\", id = \"{{id}}\" }}\n",
        gateway.url
    )
}

/// Receives dossiers as fast as they are acknowledged until nobody answers any more.
async fn receive_until_it_dies(http: reqwest::Client, url: String, clerk: String, acknowledged: mpsc::Sender<String>) {
    loop {
        let asked = http.post(&url).bearer_auth(&clerk).json_body(&intake("2.002516", "H21.16")).send().await;
        let Ok(answer) = asked else { return };
        assert_eq!(answer.status(), 201);
        let Ok(text) = answer.text().await else { return };
        let body: serde_json::Value = serde_json::from_str(&text).unwrap();
        acknowledged.send(body["code"].as_str().unwrap().to_owned()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_killed_in_the_middle_of_a_day_loses_no_acknowledged_dossier_and_sends_each_notice_once() {
    let gateway = SmsServer::start();
    let now = Clock::System.now();
    let describe = that_knows_ids(&gateway);
    let app = TestApp::with("2026-10-05 09:00", |config| {
        describe(config);
        // The process goes by the real time, which may be night.
        config.notices.day_to = config.notices.day_from;
    })
    .await;
    std::fs::write(app.dir.path().join("motcua.toml"), settings(&gateway)).unwrap();
    app.state.clock.set(now);
    let clerk = app.sign_in(Role::Clerk, "H21.00.01");
    let mut service = Process::start(&app.db, app.dir.path(), &["--config", "motcua.toml", "serve"]);
    let url = format!("{}/api/v1/dossiers", service.address());
    let (sender, acknowledged) = mpsc::channel();
    let clients: Vec<_> = (0..4)
        .map(|_| tokio::spawn(receive_until_it_dies(app.http.clone(), url.clone(), clerk.clone(), sender.clone())))
        .collect();
    drop(sender);
    let mut codes: Vec<String> = tokio::task::block_in_place(|| acknowledged.iter().take(30).collect());
    assert_eq!(codes.len(), 30);
    service.kill();
    for client in clients {
        client.await.unwrap();
    }
    codes.extend(acknowledged.iter());

    // Another one works the queue off once the leases of the dead one have run out.
    app.state.clock.set(now + TimeDelta::hours(1));
    let lanes = Lane::all(&app.state, Gateway::all(&app.state.config).unwrap());
    drain(&app.state, &lanes, &stop().1).await.unwrap();

    let mut conn = app.db.connect();
    let there: i64 = dossiers::table.filter(dossiers::code.eq_any(&codes)).count().get_result(&mut conn).unwrap();
    assert_eq!(usize::try_from(there).unwrap(), codes.len());
    assert_nothing_is_half_done(&mut conn);
    let all: i64 = dossiers::table.count().get_result(&mut conn).unwrap();
    let sent: Vec<(String, i64)> = notices::table
        .filter(notices::status.eq("sent"))
        .group_by(notices::channel)
        .order(notices::channel)
        .select((notices::channel, count_star()))
        .load(&mut conn)
        .unwrap();
    assert_eq!(sent, [("email".to_owned(), all), ("sms".to_owned(), all)]);
    let mut sms: Vec<String> = notices::table
        .filter(notices::channel.eq("sms"))
        .select(notices::id)
        .load::<uuid::Uuid>(&mut conn)
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    sms.sort();
    assert_eq!(gateway.taken(), sms);
}

/// Every dossier has its history and stands somewhere, every event belongs to one, and no notice waits.
fn assert_nothing_is_half_done(conn: &mut PgConnection) {
    let events = dossier_events::table.filter(dossier_events::dossier_id.eq(dossiers::id));
    let states = dossier_states::table
        .filter(dossier_states::dossier_id.eq(dossiers::id))
        .filter(dossier_states::valid_to.is_null())
        .filter(dossier_states::status.eq(dossiers::status));
    let half = dossiers::table.filter(not(exists(events)).or(not(exists(states))));
    assert_eq!(half.count().get_result(conn), Ok(0));
    let told: i64 = dossier_events::table
        .inner_join(dossiers::table)
        .group_by((dossiers::id, dossiers::version))
        .having(count_star().ne(dossiers::version))
        .select(count_star())
        .load::<i64>(conn)
        .unwrap()
        .len()
        .try_into()
        .unwrap();
    assert_eq!(told, 0, "one event a version");
    assert_eq!(notice_queue::table.count().get_result(conn), Ok(0));
}

#[test]
fn a_replay_killed_on_its_way_leaves_whole_days_behind_and_another_goes_on() {
    let app = TestApp::over(Holds::TheProvince, "2025-06-02 09:00", |_| {});
    let mut replay = Process::start(&app.db, app.dir.path(), &["simulate", "--year", "2024", "--dossiers", "2000"]);
    let mut conn = app.db.connect();
    let mut there = 0;
    while there < 100 {
        assert!(replay.is_running(), "the replay ended before it was killed");
        there = dossiers::table.count().get_result(&mut conn).unwrap();
    }
    replay.kill();
    assert_nothing_is_half_done(&mut conn);
    let before: i64 = dossiers::table.count().get_result(&mut conn).unwrap();
    assert!((100..2000).contains(&before), "{before}");

    let targets = Targets {
        year: 2024,
        dossiers: 50,
        seed: 2,
        on_time_departments: 9_900,
        on_time_land_offices: 9_000,
        early_sms: None,
    };
    // With the keys that the killed one had made for itself.
    let other = TestApp::on_same_with(&app, |config| {
        config.secrets.sealing_keys.clear();
        config.secrets.index_key = String::new().into();
        config.data.dir = app.dir.path().to_owned();
    });
    simulate(&other.state, &targets, &Progress::silent()).unwrap();
    assert_nothing_is_half_done(&mut conn);
    let after: i64 = dossiers::table.count().get_result(&mut conn).unwrap();
    assert_eq!(after, before + 50);
}
