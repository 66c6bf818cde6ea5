use std::process::Command;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::{Config, Way};
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::{NoticeStatus, Purpose};
use motcua::notices::sending::{Gateway, Lane, drain};
use motcua::schema::{notice_receipts, notices};
use tempfile::TempDir;

use super::beside::{Beside, free_port};
use crate::notices::given::{House, People, gateway};

/// Kannel's boxes on ports of their own; they end with the test.
struct Kannel {
    url: String,
    /// Where phone centres connect to.
    centre: u16,
    bearerbox: Beside,
    _smsbox: Beside,
    _dir: TempDir,
}

impl Kannel {
    fn start() -> Self {
        let (dir, [admin, boxes, centre, sendsms]) = (TempDir::new().unwrap(), [(); 4].map(|()| free_port()));
        let config = dir.path().join("kannel.conf");
        std::fs::write(
            &config,
            format!(
                "group = core\nadmin-port = {admin}\nadmin-interface = 127.0.0.1\nadmin-password = not-used\n\
                 smsbox-port = {boxes}\nsmsbox-interface = 127.0.0.1\nbox-allow-ip = \"127.0.0.1\"\n\
                 dlr-storage = internal\n\n\
                 group = smsc\nsmsc = fake\nsmsc-id = fake\nport = {centre}\nconnect-allow-ip = 127.0.0.1\n\n\
                 group = smsbox\nbearerbox-host = 127.0.0.1\nbearerbox-port = {boxes}\nsendsms-port = {sendsms}\n\
                 sendsms-interface = 127.0.0.1\n\n\
                 group = sendsms-user\nusername = motcua\npassword = right\nconcatenation = true\nmax-messages = 10\n\n\
                 group = sms-service\nkeyword = default\ntext = \"none\"\nmax-messages = 0\n"
            ),
        )
        .unwrap();
        let bearerbox = Beside::start(Command::new("/usr/sbin/bearerbox").arg(&config));
        bearerbox.says("Start-up done");
        let smsbox = Beside::start(Command::new("/usr/sbin/smsbox").arg(&config));
        bearerbox.says("Client connected from");
        Self { url: format!("http://127.0.0.1:{sendsms}"), centre, bearerbox, _smsbox: smsbox, _dir: dir }
    }

    /// Connects the pretended phone centre, which takes everything and says what it got.
    fn centre(&self) -> Centre {
        let port = self.centre.to_string();
        let mut fakesmsc = Command::new("/usr/lib/kannel/test/fakesmsc");
        let centre = Beside::start(fakesmsc.args(["-H", "127.0.0.1", "-r", &port, "-m", "0", "1 1 text none"]));
        self.bearerbox.says("client connected");
        Centre(centre)
    }
}

struct Centre(Beside);

impl Centre {
    /// Waits for the next message; returns who sent it to whom, how it is written, and what it says.
    fn message(&self) -> [String; 4] {
        let line = self.0.says("Got message");
        let message = line.split_once('<').and_then(|(_, rest)| rest.strip_suffix('>')).unwrap();
        let parts: Vec<String> = message.splitn(4, ' ').map(str::to_owned).collect();
        parts.try_into().unwrap()
    }
}

/// Reads UTF-16 as Kannel writes it down: `%00H%1E%D3`.
fn utf16(written: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), written.bytes());
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            b'+' => b' ',
            other => other,
        });
    }
    let units: Vec<u16> = bytes.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
    String::from_utf16(&units).unwrap()
}

/// A house whose SMS go through Kannel, and to which Kannel's reports find their way.
fn house(kannel: &Kannel, password: &str) -> House {
    let port = free_port();
    let table = format!(
        "kind = \"kannel\"\nsettings = {{ username = \"motcua\", password = \"{password}\" }}\n\
         receipts = {{ secret = \"a-secret-of-kannels\", from = [\"127.0.0.1/32\"] }}\n\
         request = {{ url = \"{}/cgi-bin/sendsms\" }}\n",
        kannel.url
    );
    let house = House::new(|config| {
        config.server.bind = format!("127.0.0.1:{port}").parse().unwrap();
        config.server.public_url = format!("http://127.0.0.1:{port}");
        config.gateways.insert("kannel".to_owned(), gateway(&table));
    });
    house.app.address();
    house
}

fn one_sms(house: &House) -> NoticeId {
    let dossier = house.dossier("H48.24-260925-0001", &People::default());
    assert_eq!(house.enqueue(&house.cause(dossier, Purpose::ResultEarly)), 1);
    notices::table.select(notices::id).first(&mut house.conn()).unwrap()
}

/// Waits until Kannel has reported so often, and works it off.
async fn reported(house: &House, times: i64) {
    let (begun, mut conn) = (Instant::now(), house.conn());
    while notice_receipts::table.count().get_result::<i64>(&mut conn).unwrap() < times {
        assert!(begun.elapsed() < Duration::from_secs(20), "Kannel reports nothing");
        tokio::task::yield_now().await;
    }
    house.take_receipts();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_gets_through_kannel_and_its_report_makes_it_delivered() {
    let kannel = Kannel::start();
    let centre = kannel.centre();
    let house = house(&kannel, "right");
    let id = one_sms(&house);
    assert_eq!(house.drain().await.sent, 1);
    let words = "TTPVHCC: Ho so H48.24-260925-0001 da co ket qua som. Moi den Trung tam PVHCC tinh nhan (gio HC), \
                 mang giay hen va CCCD.";
    assert_eq!(centre.message(), ["TTPVHCC", "84905123456", "text", words]);
    // At the centre, then on the phone.
    reported(&house, 2).await;
    assert_eq!(house.status(id), NoticeStatus::Delivered);
    let reference: Option<String> =
        notices::table.find(id).select(notices::gateway_ref).first(&mut house.conn()).unwrap();
    assert!(reference.is_some_and(|text| text.len() == 36), "Kannel's own number");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_with_its_marks_gets_through_kannel_as_it_was_written() {
    let kannel = Kannel::start();
    let centre = kannel.centre();
    let house = house(&kannel, "right");
    let accented = "SET session_replication_role = replica;
         UPDATE notice_templates SET fold = 'none', body = '{sender}: Hồ sơ {code} đã xong, mời đến nhận.'
         WHERE channel = 'sms' AND purpose = 'result_early'";
    house.conn().batch_execute(accented).unwrap();
    let id = one_sms(&house);
    assert_eq!(house.drain().await.sent, 1);
    let [_, to, kind, written] = centre.message();
    assert_eq!((to.as_str(), kind.as_str()), ("84905123456", "ucs-2"));
    assert_eq!(utf16(&written), "TTPVHCC: Hồ sơ H48.24-260925-0001 đã xong, mời đến nhận.");
    reported(&house, 2).await;
    assert_eq!(house.status(id), NoticeStatus::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_kannel_takes_while_no_centre_is_connected_gets_there_later() {
    let kannel = Kannel::start();
    let house = house(&kannel, "right");
    let id = one_sms(&house);
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(house.status(id), NoticeStatus::Sent);
    let centre = kannel.centre();
    assert_eq!(centre.message()[1], "84905123456");
    reported(&house, 2).await;
    assert_eq!(house.status(id), NoticeStatus::Delivered);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_lets_nothing_through_and_loses_nothing() {
    let kannel = Kannel::start();
    let centre = kannel.centre();
    let house = house(&kannel, "wrong");
    let id = one_sms(&house);
    assert_eq!(house.drain().await.retried, 1);
    assert_eq!(house.outcomes(id), ["account"]);
    assert_eq!(house.queued(), (1, Some(0)), "and it is no try");

    house.app.pass(TimeDelta::minutes(5));
    let mut config = Config::clone(&house.app.state.config);
    let Way::Http(http) = &mut config.gateways.get_mut("kannel").unwrap().way else { panic!("another kind") };
    http.settings.insert("password".to_owned(), "right".to_owned().into());
    let lanes = Lane::all(&house.app.state, Gateway::all(&config).unwrap());
    assert_eq!(drain(&house.app.state, &lanes, &house.stop).await.unwrap().sent, 1);
    assert_eq!(centre.message()[1], "84905123456");
}
