use chrono::TimeDelta;
use motcua::config::{Config, GatewayConfig};
use motcua::domain::ids::NoticeId;
use motcua::domain::notice::{NoticeStatus, Purpose};

use super::given::{House, People, gateway};
use super::mail_server::MailServer;

fn through(server: &MailServer) -> impl FnOnce(&mut Config) + use<> {
    let port = server.port;
    move |config| {
        config.gateways.insert("mail".to_owned(), smtp(port));
    }
}

fn smtp(port: u16) -> GatewayConfig {
    gateway(&format!(
        "kind = \"smtp\"\nhost = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n\
         [sending]\nin_flight = 4\ntimeout_ms = 5000\n"
    ))
}

fn one_mail(house: &House, to: &str) -> NoticeId {
    use diesel::prelude::*;
    use motcua::schema::notices;
    let people = People { flags: (false, true), phone: None, email: Some(to), submitter: None };
    let dossier = house.dossier("H48.24-260925-0001", &people);
    assert_eq!(house.enqueue(&house.cause(dossier, Purpose::ResultEarly)), 1);
    notices::table.select(notices::id).first(&mut house.conn()).unwrap()
}

#[tokio::test]
async fn a_mail_arrives_whole_under_the_name_of_its_notice() {
    let server = MailServer::start();
    let house = House::new(through(&server));
    let id = one_mail(&house, "an@example.vn");
    assert_eq!(house.drain().await.sent, 1);
    let message = server.message();
    for part in [
        format!("Message-ID: <{id}@motcua.invalid>").as_str(),
        "Auto-Submitted: auto-generated",
        "To: an@example.vn",
        "multipart/alternative",
        "text/plain",
        "text/html",
    ] {
        assert!(message.contains(part), "{part} in {message}");
    }
}

#[tokio::test]
async fn an_address_that_is_gone_fails_and_one_that_says_later_is_tried_later() {
    let server = MailServer::start();
    let house = House::new(through(&server));
    let id = one_mail(&house, "gone@example.vn");
    assert_eq!(house.drain().await.failed, 1);
    assert_eq!(house.status(id), NoticeStatus::Failed);

    let house = House::new(through(&server));
    let id = one_mail(&house, "later@example.vn");
    assert_eq!(house.drain().await.retried, 1);
    house.app.pass(TimeDelta::seconds(13));
    assert_eq!(house.drain().await.sent, 1);
    assert_eq!(house.outcomes(id), ["not_sent", "accepted"]);
}

#[tokio::test]
async fn a_mail_whose_answer_was_lost_is_the_same_mail_when_it_is_sent_again() {
    let server = MailServer::start();
    let house = House::new(through(&server));
    let id = one_mail(&house, "cut@example.vn");
    assert_eq!(house.drain().await.retried, 1);
    house.app.pass(TimeDelta::seconds(13));
    assert_eq!(house.drain().await.sent, 1);
    let name = format!("Message-ID: <{id}@motcua.invalid>");
    let (first, second) = (server.message(), server.message());
    assert!(first.contains(&name) && second.contains(&name));
}

#[tokio::test]
async fn a_mail_server_that_is_away_costs_no_mail() {
    let port = MailServer::start().port;
    let house = House::new(|config| {
        config.gateways.insert("mail".to_owned(), smtp(port));
    });
    let id = one_mail(&house, "an@example.vn");
    assert_eq!(house.drain().await.retried, 1);
    assert_eq!(house.outcomes(id), ["not_sent"]);
    assert_eq!(house.status(id), NoticeStatus::Queued);
}

#[tokio::test]
async fn without_a_mail_server_mail_lands_in_a_mailbox_that_python_reads() {
    let house = House::new(|_| {});
    let id = one_mail(&house, "an@example.vn");
    assert_eq!(house.drain().await.sent, 1);
    let file = house.app.state.config.data.dir.join("outbox/mail-2026-09-25.mbox");
    let program = "import mailbox, sys\n\
        for m in mailbox.mbox(sys.argv[1]):\n\
        \x20   print(m['Message-ID'], m.is_multipart(), m.get_payload(0).get_payload(decode=True).decode())";
    let read = std::process::Command::new("/usr/bin/python3").args(["-c", program]).arg(file).output().unwrap();
    let text = String::from_utf8(read.stdout).unwrap();
    assert!(text.starts_with(&format!("<{id}@motcua.invalid> True")), "{text}");
    assert!(text.contains("đã có kết quả trước hạn"), "{text}");
}
