//! Zalo first, then SMS: who is told on the next channel, and who is not.

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::notice::{NoticeChannel, NoticeStatus, Purpose};
use motcua::notices::sending::Gateway;
use motcua::notices::{cancel_unsent, next_channel};
use motcua::schema::notices;

use super::dispatch::BY_GET;
use super::gateway::{Does, SmsServer};
use super::given::{House, People, gateway};
use motcua::domain::ids::{DossierId, NoticeId};

/// Zalo and SMS by a server each; Zalo tells of arrivals.
fn both(zalo: &SmsServer, sms: &SmsServer) -> impl FnOnce(&mut Config) + use<> {
    let zalo = format!("channel = \"zalo\"\n{BY_GET}url = \"{}/send\"\n[receipts]\nsecret = \"of-zalo\"\n", zalo.url);
    let sms = format!("{BY_GET}url = \"{}/send\"\n", sms.url);
    move |config| {
        config.gateways.insert("zalo".to_owned(), gateway(&zalo));
        config.gateways.insert("sms".to_owned(), gateway(&sms));
    }
}

struct Given {
    zalo: SmsServer,
    sms: SmsServer,
    house: House,
    dossier: DossierId,
}

impl Given {
    /// A result is ready for somebody who may be told by Zalo and by SMS.
    fn new(set: impl FnOnce(&mut Config)) -> Self {
        let (zalo, sms) = (SmsServer::start(), SmsServer::start());
        let describe = both(&zalo, &sms);
        let house = House::new(|config| {
            describe(config);
            set(config);
        });
        let dossier = house.dossier("H48.24-260925-0001", &People::default());
        let registered = "UPDATE dossiers SET notify_zalo = true;
             INSERT INTO notice_template_vendor_ids (template_id, gateway, vendor_id, set_at, set_by)
             SELECT id, 'zalo', '342518', created_at, 'test' FROM notice_templates WHERE channel = 'zalo'";
        house.conn().batch_execute(registered).unwrap();
        assert_eq!(house.enqueue(&house.cause(dossier, Purpose::ResultEarly)), 2);
        Self { zalo, sms, house, dossier }
    }

    fn notice(&self, channel: NoticeChannel) -> NoticeId {
        let of = notices::table.filter(notices::channel.eq(channel)).select(notices::id);
        of.first(&mut self.house.conn()).unwrap()
    }

    fn standing(&self) -> (NoticeStatus, NoticeStatus) {
        let of = |channel| self.house.status(self.notice(channel));
        (of(NoticeChannel::Zalo), of(NoticeChannel::Sms))
    }

    async fn pass(&self, minutes: i64) {
        self.house.app.pass(TimeDelta::minutes(minutes));
        self.look().await;
        self.house.drain().await;
    }

    async fn look(&self) -> usize {
        let gateways = Gateway::all(&self.house.app.state.config).unwrap();
        next_channel::tick(&self.house.app.state, &gateways).await.unwrap()
    }

    fn set_zalo(&self, set: &str) {
        let sql = format!("UPDATE notices SET {set} WHERE channel = 'zalo'");
        self.house.conn().batch_execute(&sql).unwrap();
    }
}

#[tokio::test]
async fn who_has_no_zalo_is_told_by_sms_and_nobody_need_do_anything_about_it() {
    let given = Given::new(|_| {});
    assert_eq!(given.standing(), (NoticeStatus::Queued, NoticeStatus::Standby));
    given.zalo.next([Does::Says(200, "", "{\"code\":\"99\"}")]);
    given.house.drain().await;
    assert!(given.sms.asked().is_empty(), "as long as Zalo has not answered");
    given.pass(0).await;
    assert_eq!(given.standing(), (NoticeStatus::Failed, NoticeStatus::Sent));
    assert_eq!(given.sms.taken().len(), 1);
    let settled: Option<String> = notices::table
        .find(given.notice(NoticeChannel::Zalo))
        .select(notices::settled)
        .first(&mut given.house.conn())
        .unwrap();
    assert_eq!(settled.as_deref(), Some("other_channel"));
}

#[tokio::test]
async fn who_was_reached_by_zalo_gets_no_sms() {
    let given = Given::new(|_| {});
    given.house.drain().await;
    given.set_zalo("status = 'delivered', final_at = sent_at");
    given.pass(60).await;
    assert_eq!(given.standing(), (NoticeStatus::Delivered, NoticeStatus::Cancelled));
    assert!(given.sms.asked().is_empty());
}

#[tokio::test]
async fn a_zalo_message_that_has_not_arrived_in_half_an_hour_is_followed_by_an_sms() {
    let given = Given::new(|_| {});
    given.house.drain().await;
    given.pass(29).await;
    assert_eq!(given.standing(), (NoticeStatus::Sent, NoticeStatus::Standby));
    given.pass(2).await;
    assert_eq!(given.standing(), (NoticeStatus::Sent, NoticeStatus::Sent));
}

#[tokio::test]
async fn where_zalo_never_tells_of_arrivals_that_it_took_the_message_is_enough() {
    let given = Given::new(|config| {
        config.gateways.get_mut("zalo").unwrap().receipts.secret = secrecy::SecretString::default();
    });
    given.house.drain().await;
    given.pass(0).await;
    assert_eq!(given.standing(), (NoticeStatus::Sent, NoticeStatus::Cancelled));
}

#[tokio::test]
async fn what_may_have_gone_out_by_zalo_is_waited_for_a_quarter_of_an_hour() {
    let given = Given::new(|_| {});
    given.zalo.next([Does::TakesAndDrops]);
    given.house.drain().await;
    given.pass(14).await;
    assert_eq!(given.standing(), (NoticeStatus::InDoubt, NoticeStatus::Standby));
    given.pass(2).await;
    assert_eq!(given.standing(), (NoticeStatus::InDoubt, NoticeStatus::Sent));
}

#[tokio::test]
async fn whom_an_operator_called_up_or_whose_result_was_recalled_hears_nothing_more() {
    let told = Given::new(|_| {});
    told.set_zalo("status = 'failed', final_at = created_at, settled = 'told_by_phone'");
    told.look().await;
    assert_eq!(told.standing().1, NoticeStatus::Cancelled);

    let recalled = Given::new(|_| {});
    let (dossier, purposes) = (recalled.dossier, [Purpose::ResultEarly]);
    recalled.house.act(|conn, act| cancel_unsent(conn, act, dossier, &purposes)).unwrap();
    assert_eq!(recalled.standing(), (NoticeStatus::Cancelled, NoticeStatus::Cancelled));
    recalled.pass(60).await;
    assert!(recalled.sms.asked().is_empty() && recalled.zalo.asked().is_empty());
}

#[tokio::test]
async fn what_nobody_sends_by_zalo_until_it_is_of_no_use_any_more_is_not_sent_by_sms_either() {
    let given = Given::new(|_| {});
    given.house.app.pass(TimeDelta::hours(73));
    assert_eq!(given.look().await, 1);
    assert_eq!(given.standing().1, NoticeStatus::Expired);
}

#[tokio::test]
async fn a_purpose_may_have_an_order_of_its_own() {
    let given = Given::new(|config| {
        config.notices.ladders.insert(Purpose::ResultEarly, vec![NoticeChannel::Sms, NoticeChannel::Zalo]);
    });
    assert_eq!(given.standing(), (NoticeStatus::Standby, NoticeStatus::Queued));
    let given = Given::new(|config| {
        config.notices.ladders.insert(Purpose::ResultEarly, Vec::new());
    });
    assert_eq!(given.standing(), (NoticeStatus::Queued, NoticeStatus::Queued), "side by side");
}

#[tokio::test]
async fn at_night_the_next_channel_waits_for_the_morning() {
    let given = Given::new(|_| {});
    given.house.drain().await;
    given.house.app.set("2026-09-25 22:00");
    given.look().await;
    given.house.drain().await;
    assert_eq!(given.standing(), (NoticeStatus::Sent, NoticeStatus::Queued));
    given.house.app.set("2026-09-26 07:31");
    given.house.drain().await;
    assert_eq!(given.standing().1, NoticeStatus::Sent);
}
