//! Monthly reports are mailed to leaders once, when the report month has ended.

use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::config::{Config, MailedFormat, MailedReport};
use motcua::exports::mailing::tick;
use motcua::notices::sending::Gateway;
use motcua::schema::report_mails;

use super::jobs::locked;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::rows::World;

fn to_leaders(config: &mut Config) {
    config.exports.mailed = vec![MailedReport {
        layout: "06c".to_owned(),
        unit: String::new(),
        format: MailedFormat::Csv,
        to: vec!["chu-tich@example.vn".to_owned(), "giam-doc@example.vn".to_owned()],
    }];
}

fn house(now: &str) -> (TestApp, Vec<Gateway>) {
    house_with(now, to_leaders)
}

fn house_with(now: &str, change: impl FnOnce(&mut Config)) -> (TestApp, Vec<Gateway>) {
    let app = TestApp::over(Holds::Nothing, now, change);
    World::lay(&mut app.db.connect());
    let gateways = Gateway::local(&app.state.config, &app.state.config.data.dir).unwrap();
    (app, gateways)
}

/// The addresses and attachments of a day's mailbox, as Python reads them.
fn mailbox(app: &TestApp, day: &str) -> Vec<String> {
    let file = app.state.config.data.dir.join(format!("outbox/mail-{day}.mbox"));
    let program = "import mailbox, sys\n\
        for m in mailbox.mbox(sys.argv[1]):\n\
        \x20   file = m.get_payload(1)\n\
        \x20   print(m['To'], file.get_filename(), len(file.get_payload(decode=True)) > 500)";
    let read = Command::new("/usr/bin/python3").args(["-c", program]).arg(file).output().unwrap();
    String::from_utf8(read.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn a_report_is_mailed_to_each_leader_once_when_its_month_has_ended() {
    let (app, gateways) = house("2024-06-15 07:30");
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 0);
    let file = "bieu-06c_toan-tinh_2024-05-15_2024-06-14.csv True";
    let mut mails = mailbox(&app, "2024-06-15");
    mails.sort();
    assert_eq!(mails, [format!("chu-tich@example.vn {file}"), format!("giam-doc@example.vn {file}")]);

    app.set("2024-07-14 20:00");
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 0);
    app.set("2024-07-15 07:30");
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
}

#[tokio::test]
async fn while_sending_is_paused_no_report_leaves_the_house() {
    let (app, gateways) = house("2024-06-15 07:30");
    app.db.connect().batch_execute("UPDATE sending SET paused_why = 'restored'").unwrap();
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 0);
    app.db.connect().batch_execute("UPDATE sending SET paused_why = NULL").unwrap();
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
}

#[tokio::test]
async fn a_report_that_could_not_be_sent_is_tried_again_later() {
    let (app, gateways) = house("2024-06-15 07:30");
    assert_eq!(tick(&app.state, &[]).await.unwrap(), 2);
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 0, "not at once");
    app.set("2024-06-15 07:36");
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
    assert_eq!(mailed(&app), 2);
}

#[tokio::test]
async fn a_report_that_took_too_long_to_fill_is_tried_again_later() {
    let (app, gateways) = house_with("2024-06-15 07:30", |config| {
        to_leaders(config);
        config.database.statement_timeout_ms = 1000;
    });
    let mut lock = locked(&app);
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
    lock.batch_execute("ROLLBACK").unwrap();
    let answers = report_mails::table.select(report_mails::last_answer).load::<Option<String>>(&mut app.db.connect());
    assert_eq!(answers.unwrap(), [Some("took_too_long".to_owned()), Some("took_too_long".to_owned())]);
    app.set("2024-06-15 07:36");
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
    assert_eq!(mailbox(&app, "2024-06-15").len(), 2);
}

#[tokio::test]
async fn a_report_whose_layout_is_put_right_in_time_is_sent_after_all() {
    let right = "like = \"06\"\nabout = \"Của tỉnh\"\nfile = \"cua-tinh\"";
    let (app, gateways) = house_with("2024-06-15 07:30", |config| {
        to_leaders(config);
        config.exports.mailed[0].layout = "cua-tinh".to_owned();
        config.exports.layouts_dir = config.data.dir.clone();
        // A house does not begin to work with reports that it can't make.
        std::fs::create_dir_all(&config.data.dir).unwrap();
        std::fs::write(config.data.dir.join("cua-tinh.toml"), right).unwrap();
    });
    let layout = app.state.config.data.dir.join("cua-tinh.toml");
    std::fs::write(&layout, "like = \"06\"\ncolumns = [{ name = \"Muộn\", shows = \"nothing\" }]").unwrap();
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
    std::fs::write(&layout, right).unwrap();
    assert_eq!(mailed(&app), 0);
    app.set("2024-06-15 07:36");
    assert_eq!(tick(&app.state, &gateways).await.unwrap(), 2);
    assert_eq!(mailed(&app), 2);
}

fn mailed(app: &TestApp) -> i64 {
    let sent = report_mails::table.filter(report_mails::sent_at.is_not_null()).count();
    sent.get_result(&mut app.db.connect()).unwrap()
}
