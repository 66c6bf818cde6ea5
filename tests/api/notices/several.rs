//! Several gateways for one channel: shares, who steps in for whom, and how fast each is spoken to.

use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::error::AppError;
use motcua::notices::receipts;
use motcua::notices::sending::{Gateway, Lane, drain, silence, steer, stranded};
use motcua::schema::{gateways, notices};

use super::dispatch::BY_GET;
use super::gateway::{Does, SmsServer};
use super::given::{ELSEWHERE, House, People, gateway};

/// Two gateways, `one` and `two`, with what the settings say of each besides.
fn both(one: (&SmsServer, &str), two: (&SmsServer, &str)) -> impl FnOnce(&mut Config) + use<> {
    let table = |(server, more): (&SmsServer, &str)| {
        format!("{BY_GET}url = \"{}/send\"\nheaders = {{ X-Knows-Ids = \"yes\" }}\n[sending]\n{more}\n", server.url)
    };
    let tables = [("one", table(one)), ("two", table(two))];
    move |config| {
        for (name, table) in &tables {
            config.gateways.insert((*name).to_owned(), gateway(table));
        }
    }
}

fn went_to(house: &House) -> Vec<(String, i64)> {
    notices::table
        .filter(notices::gateway.is_not_null())
        .group_by(notices::gateway)
        .order(notices::gateway)
        .select((notices::gateway.assume_not_null(), diesel::dsl::count_star()))
        .load(&mut house.conn())
        .unwrap()
}

#[tokio::test]
async fn gateways_share_by_weight_and_one_without_any_waits_for_the_others_to_fail() {
    let (one, two) = (SmsServer::start(), SmsServer::start());
    let house = House::new(|config| {
        both((&one, "weight = 100"), (&two, "weight = 0"))(config);
        config.notices.batch = 2;
    });
    house.many_sms(20);
    assert_eq!(house.drain().await.sent, 20);
    assert_eq!(went_to(&house), [("one".to_owned(), 20)]);

    let (one, two) = (SmsServer::start(), SmsServer::start());
    let house = House::new(|config| {
        both((&one, "weight = 50"), (&two, "weight = 50"))(config);
        config.notices.batch = 2;
    });
    house.many_sms(60);
    assert_eq!(house.drain().await.sent, 60);
    // Thirty batches, each drawn: that one gets none has odds of a thousand million to one.
    assert_eq!(went_to(&house).len(), 2);
}

#[tokio::test]
async fn where_one_is_away_the_other_takes_over_at_once() {
    let two = SmsServer::start();
    let house = House::new(|config| {
        both((&two, "weight = 100"), (&two, "weight = 0"))(config);
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{BY_GET}url = \"http://{}/\"\n", closed.local_addr().unwrap());
        config.gateways.insert("one".to_owned(), gateway(&url));
    });
    let ids = house.many_sms(4);
    house.drain().await;
    house.app.pass(TimeDelta::seconds(1));
    assert_eq!(house.drain().await.sent, 4);
    assert_eq!(went_to(&house), [("two".to_owned(), 4)]);
    assert!(ids.iter().all(|id| house.outcomes(*id).last().is_some_and(|last| last == "accepted")));
    let rest: (i16, Option<String>) =
        gateways::table.find("one").select((gateways::opened, gateways::open_why)).first(&mut house.conn()).unwrap();
    assert_eq!(rest, (1, Some("not connected".to_owned())), "and is left alone");
}

#[tokio::test]
async fn what_one_cannot_deliver_the_other_does_and_does_not_come_back() {
    let (one, two) = (SmsServer::start(), SmsServer::start());
    let house = House::new(both((&one, "weight = 100"), (&two, "weight = 0")));
    let id = house.one_sms();
    one.next([Does::Says(200, "", "{\"code\":\"25\"}")]);
    house.drain().await;
    house.app.pass(TimeDelta::seconds(1));
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::Sent);
    assert_eq!(house.outcomes(id), ["elsewhere", "accepted"]);
    assert_eq!((one.asked().len(), two.asked().len()), (1, 1));
}

#[tokio::test]
async fn what_no_gateway_can_deliver_has_failed_and_does_not_wait_for_ever() {
    let (one, two) = (SmsServer::start(), SmsServer::start());
    let house = House::new(both((&one, "weight = 100"), (&two, "weight = 0")));
    let id = house.one_sms();
    one.next([Does::Says(200, "", "{\"code\":\"25\"}")]);
    two.next([Does::Says(200, "", "{\"code\":\"25\"}")]);
    house.drain().await;
    house.app.pass(TimeDelta::seconds(1));
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::Failed);
    assert_eq!(house.outcomes(id), ["elsewhere"; 2]);
    assert_eq!(house.queued().0, 0);
}

#[tokio::test]
async fn what_one_may_have_the_other_never_gets() {
    for class in ["idempotent", "neither"] {
        let (one, two) = (SmsServer::start(), SmsServer::start());
        let known = format!("class = \"{class}\"\nknown_for_s = 86400\nweight");
        let house = House::new(both((&one, &format!("{known} = 100")), (&two, &format!("{known} = 0"))));
        let id = house.one_sms();
        one.next([Does::TakesAndDrops, Does::Says(429, "Retry-After: 30\r\n", "")]);
        for wait in [0, 15, 40, 10] {
            house.app.pass(TimeDelta::seconds(wait));
            house.drain().await;
        }
        assert!(two.asked().is_empty(), "{class}");
        assert_eq!(one.taken().len(), 1, "{class}");
        let end = if class == "neither" { NoticeStatus::InDoubt } else { NoticeStatus::Sent };
        assert_eq!(house.status(id), end, "{class}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_worker_had_under_way_stays_with_its_gateway() {
    let (one, two) = (SmsServer::start(), SmsServer::start());
    let known = "class = \"idempotent\"\nknown_for_s = 86400\nweight";
    let house = House::new(both((&one, &format!("{known} = 100")), (&two, &format!("{known} = 0"))));
    let id = house.one_sms();
    one.next([Does::TakesAndWaits]);
    let lane = house.lanes().into_iter().next().unwrap();
    let (state, stop) = (house.app.state.clone(), house.stop.clone());
    let worker = tokio::spawn(async move { lane.tick(&state, &stop).await });
    tokio::task::block_in_place(|| one.wait_for(1));
    worker.abort();
    assert!(worker.await.unwrap_err().is_cancelled());
    one.open_the_gate();
    // The first is away now, but it may have the message.
    diesel::update(gateways::table.find("one"))
        .set((
            gateways::opened.eq(1),
            gateways::open_until.eq(Some(house.app.state.clock.now() + TimeDelta::minutes(5))),
        ))
        .execute(&mut house.conn())
        .unwrap();
    house.app.pass(TimeDelta::seconds(91));
    house.drain().await;
    assert!(two.asked().is_empty());
    house.app.pass(TimeDelta::minutes(5));
    house.drain().await;
    assert_eq!(house.status(id), NoticeStatus::Sent);
    assert_eq!((one.taken().len(), one.repeated()), (1, 1));
}

#[tokio::test]
async fn a_wrong_key_stops_one_gateway_for_all_processes_and_the_other_sends() {
    let (one, two) = (SmsServer::start(), SmsServer::start());
    let house = House::new(both((&one, "weight = 100\nin_flight = 1"), (&two, "weight = 0")));
    house.many_sms(5);
    one.next(vec![Does::Says(200, "", "{\"code\":\"103\"}"); 9]);
    house.drain().await;
    house.app.pass(TimeDelta::seconds(55));
    house.drain().await;
    assert_eq!(one.asked().len(), 1, "one message found out for all");
    assert_eq!(went_to(&house), [("two".to_owned(), 5)]);
}

#[tokio::test]
async fn a_gateway_that_was_away_is_tried_with_a_few_first() {
    let one = SmsServer::start();
    let house = House::new(|config| {
        both((&one, ""), (&one, ""))(config);
        config.gateways.remove("two");
        config.notices.batch = 20;
    });
    house.many_sms(40);
    one.next(vec![Does::Says(503, "", ""); 20]);
    house.drain().await;
    assert_eq!(one.asked().len(), 20);
    house.app.pass(TimeDelta::seconds(20));
    let lane = house.lanes().into_iter().next().unwrap();
    let mut claimed = Vec::new();
    for _ in 0..2 {
        claimed.push(lane.tick(&house.app.state, &house.stop).await.unwrap().claimed);
    }
    assert_eq!(claimed, [5, 15], "and as usual once they got through");
}

#[tokio::test]
async fn a_gateway_gets_no_more_a_second_and_a_day_than_was_agreed() {
    let server = SmsServer::start();
    let house = House::new(|config| {
        both((&server, "per_second = 10\nper_day = 25"), (&server, ""))(config);
        config.gateways.remove("two");
    });
    house.many_sms(40);
    let mut seen = Vec::new();
    for _ in 0..5 {
        house.drain().await;
        seen.push(server.asked().len());
        house.app.pass(TimeDelta::seconds(1));
    }
    assert_eq!(seen, [10, 20, 25, 25, 25]);
    house.app.pass(TimeDelta::hours(23));
    house.drain().await;
    assert_eq!(server.asked().len(), 35, "tomorrow");
}

#[tokio::test]
async fn who_was_too_fast_goes_at_half_the_pace() {
    let server = SmsServer::start();
    let house = House::new(|config| {
        both((&server, "per_second = 10"), (&server, ""))(config);
        config.gateways.remove("two");
    });
    house.many_sms(40);
    server.next([Does::Says(429, "Retry-After: 2\r\n", "")]);
    house.drain().await;
    let before = server.asked().len();
    house.app.pass(TimeDelta::seconds(3));
    house.drain().await;
    assert_eq!(server.asked().len() - before, 5);
}

#[tokio::test]
async fn ten_messages_of_one_unit_do_not_wait_behind_the_hundreds_of_another() {
    let server = SmsServer::start();
    let house = House::new(|config| {
        both((&server, ""), (&server, ""))(config);
        config.gateways.remove("two");
        config.notices.batch = 20;
    });
    let many = house.many_sms(120);
    let few: Vec<_> = house.many_sms(10).into_iter().filter(|id| !many.contains(id)).collect();
    let of_few: Vec<uuid::Uuid> = few.iter().map(|id| id.0).collect();
    use motcua::schema::{notice_queue, units};
    let elsewhere: uuid::Uuid =
        units::table.filter(units::code.eq(ELSEWHERE)).select(units::id).first(&mut house.conn()).unwrap();
    diesel::update(notice_queue::table.filter(notice_queue::notice_id.eq_any(of_few)))
        .set(notice_queue::unit_id.eq(elsewhere))
        .execute(&mut house.conn())
        .unwrap();
    let lane = house.lanes().into_iter().next().unwrap();
    // A full batch shows that much waits, the next look who waits, the third takes turns.
    for _ in 0..3 {
        lane.tick(&house.app.state, &house.stop).await.unwrap();
    }
    assert!(few.iter().all(|id| house.status(*id) == NoticeStatus::Sent));
    assert_eq!(house.queued().0, 70);
    drain(&house.app.state, &[lane], &house.stop).await.unwrap();
    assert_eq!(house.queued().0, 0);
}

#[tokio::test]
async fn many_errors_move_a_share_to_who_is_well() {
    let (one, two) = (SmsServer::start(), SmsServer::start());
    let house = House::new(both((&one, "weight = 51"), (&two, "weight = 49")));
    house.drain().await;
    let now = house.app.state.clock.now();
    diesel::update(gateways::table.find("one"))
        .set((
            gateways::errors.eq(60),
            gateways::errors_since.eq(Some(now)),
            gateways::changed_at.eq(now - TimeDelta::hours(1)),
        ))
        .execute(&mut house.conn())
        .unwrap();
    let all = Gateway::all(&house.app.state.config).unwrap();
    assert_eq!(steer::tick(&house.app.state, &all).await.unwrap(), 2);
    let weights: Vec<i16> = gateways::table
        .filter(gateways::channel.eq("sms"))
        .order(gateways::name)
        .select(gateways::weight)
        .load(&mut house.conn())
        .unwrap();
    assert_eq!(weights, [41, 59]);
    assert_eq!(Lane::all(&house.app.state, all).len(), 2);
}

/// The notices that a settings' change left behind, an hour later.
async fn end_stranded(house: &House) -> usize {
    house.app.pass(TimeDelta::minutes(62));
    let gateways = Gateway::all(&house.app.state.config).unwrap();
    stranded::tick(&house.app.state, &gateways).await.unwrap()
}

fn rows(house: &House) -> Vec<(NoticeStatus, Option<String>, Option<String>)> {
    let columns = (notices::status, notices::reason, notices::gateway);
    notices::table.order(notices::id).select(columns).load(&mut house.conn()).unwrap()
}

#[tokio::test]
async fn what_lies_at_a_gateway_that_is_gone_is_in_doubt_and_what_all_passed_by_has_failed() {
    use motcua::schema::notice_queue as q;
    let one = SmsServer::start();
    let house = House::new(|config| {
        both((&one, ""), (&one, ""))(config);
        config.gateways.remove("two");
    });
    let ids = house.many_sms(3);
    let of = |at: usize| diesel::update(q::table.find(ids[at]));
    let since = Some(house.app.state.clock.now());
    of(0).set((q::gateway.eq("gone"), q::open_since.eq(since))).execute(&mut house.conn()).unwrap();
    of(1).set(q::not_by.eq(vec![Some("one")])).execute(&mut house.conn()).unwrap();
    house.app.pass(TimeDelta::minutes(59));
    let gateways = Gateway::all(&house.app.state.config).unwrap();
    assert_eq!(stranded::tick(&house.app.state, &gateways).await.unwrap(), 0, "another process may know it");
    assert_eq!(end_stranded(&house).await, 2);
    let why = || Some("no_gateway".to_owned());
    assert_eq!(
        rows(&house),
        [
            (NoticeStatus::InDoubt, why(), Some("gone".to_owned())),
            (NoticeStatus::Failed, why(), None),
            (NoticeStatus::Queued, None, None),
        ]
    );
    assert_eq!(end_stranded(&house).await, 0, "and each once");
}

#[tokio::test]
async fn the_most_urgent_go_first_whenever_they_were_written() {
    let server = SmsServer::start();
    let house = House::new(|config| {
        both((&server, "in_flight = 1"), (&server, ""))(config);
        config.gateways.remove("two");
    });
    let unhurried = [Purpose::CollectReminder, Purpose::ResultEarly, Purpose::Corrected, Purpose::Payment];
    let mut codes = Vec::new();
    for (number, purpose) in unhurried.into_iter().enumerate() {
        let code = format!("H48.24-260925-000{number}");
        let dossier = house.dossier(&code, &People::default());
        assert_eq!(house.enqueue(&house.cause(dossier, purpose)), 1);
        codes.push(code);
        house.app.pass(TimeDelta::seconds(1));
    }
    // One at a time: what a claim gives first goes out first.
    let lane = house.lanes().into_iter().next().unwrap();
    drain(&house.app.state, &[lane], &house.stop).await.unwrap();
    let told: Vec<String> = server.asked().iter().map(|asked| asked.line.clone()).collect();
    let order: Vec<usize> =
        told.iter().map(|line| codes.iter().position(|code| line.contains(code.as_str())).unwrap()).collect();
    assert_eq!(order, [2, 1, 3, 0]);
}

#[tokio::test]
async fn a_message_that_no_receipt_speaks_of_for_three_days_says_so() {
    let server = SmsServer::start();
    let house = House::new(|config| {
        both((&server, ""), (&server, ""))(config);
        config.gateways.remove("two");
        config.gateways.get_mut("one").unwrap().receipts.secret = "of-one".into();
    });
    let id = house.one_sms();
    house.drain().await;
    let gateways = Gateway::all(&house.app.state.config).unwrap();
    house.app.pass(TimeDelta::hours(71));
    assert_eq!(silence::tick(&house.app.state, &gateways).await.unwrap(), 0);
    house.app.pass(TimeDelta::hours(2));
    assert_eq!(silence::tick(&house.app.state, &gateways).await.unwrap(), 1);
    assert_eq!(rows(&house)[0].1.as_deref(), Some("no_receipt"));
    assert_eq!(house.status(id), NoticeStatus::Sent);
    // One that comes late counts all the same.
    assert_eq!(house.app.read(&format!("/callbacks/one/of-one?id={id}&status=1")).await.status, 200);
    let (config, now) = (house.app.state.config.clone(), house.app.state.clock.now());
    house.act(|conn, _| receipts::tick(conn, &config.gateways, now).map_err(AppError::from)).unwrap();
    assert_eq!(rows(&house)[0], (NoticeStatus::Delivered, None, Some("one".to_owned())));
}
