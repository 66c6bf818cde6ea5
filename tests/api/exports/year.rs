//! The page of a year over a house in which messages were sent, arrived, failed and were called back: its three files say
//! what happened, and the same.

use clap::{FromArgMatches, Subcommand};
use diesel::prelude::*;
use motcua::command::console;
use motcua::domain::role::Role;
use motcua::error::AppError;
use motcua::exports::command::{ExportCommand, run};
use motcua::notices::receipts;
use motcua::notices::sending::{Gateway, Lane, drain};
use motcua::platform::stop::stop;
use motcua::schema::{dossiers, notices};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::files::{bare, pdf_text, sheet};
use super::jobs::worked;
use crate::notices::dispatch::by_get;
use crate::notices::gateway::{Does, SmsServer};
use crate::notices::given::sms;
use crate::support::app::TestApp;
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

const SECRET: &str = "a-long-secret-of-the-gateway";
/// What the gateway says of a number that there is not.
const NO_SUCH_NUMBER: Does = Does::Says(200, "", "{\"code\":\"99\"}");

/// What the page says of the messages that [`Given`] sends in the test below.
const MESSAGES: [&str; 6] = [
    "Tin nhắn, tất cả các kênh: 20 tin đã lập, 17 đã gửi, 3 có báo đã nhận, 2 không tới được, 2 đã hủy.",
    "Tin e-mail mời nhận kết quả sớm: 4 tin đã lập, 3 đã gửi, 0 có báo đã nhận, 0 không tới được, 1 đã hủy.",
    "Tin e-mail thông báo khác: 6 tin đã lập, 6 đã gửi, 0 có báo đã nhận, 0 không tới được, 0 đã hủy.",
    "Tin SMS mời nhận kết quả sớm: 4 tin đã lập, 2 đã gửi, 1 có báo đã nhận, 2 không tới được, 1 đã hủy.",
    "Tin SMS thông báo khác: 6 tin đã lập, 6 đã gửi, 2 có báo đã nhận, 0 không tới được, 0 đã hủy.",
    "Mức độ hài lòng: chưa có số liệu, vì hệ thống chưa ghi nhận phiếu đánh giá.",
];
/// What it says of where dossiers were taken in: all by the centre, for the department.
const RECEIVED: [&str; 2] = [
    "Nơi tiếp nhận 5 hồ sơ trong kỳ: Trung tâm Phục vụ hành chính công 5 (trực tuyến 0, trực tiếp và bưu chính 5); \
     xã, phường, đặc khu 0; cơ quan khác 0.",
    "Trung tâm Phục vụ hành chính công tiếp nhận cho Sở Tư pháp (H21.16): 5 hồ sơ.",
];
/// What it says where there are none.
const NONE: &str = "Tin nhắn: không có tin nào được lập trong kỳ.";
/// A department that has no dossiers here.
const OTHER: &str = "H21.18";

/// An office whose SMS go to a gateway that tells of arrivals, and whose mails go to files.
struct Given {
    office: Office,
    gateway: SmsServer,
}

impl Given {
    async fn new() -> Self {
        let gateway = SmsServer::start();
        let describe = by_get(&gateway);
        let office = Office::with("2026-10-05 09:00", |config| {
            describe(config);
            sms(config).receipts.secret = SecretString::from(SECRET);
        });
        Self { office: office.await, gateway }
    }

    /// Sends what is due.
    async fn sent(&self) {
        let state = &self.office.app.state;
        let lanes = Lane::all(state, Gateway::all(&state.config).unwrap());
        drain(state, &lanes, &stop().1).await.unwrap();
    }

    async fn finished(&self, code: &str, at: &str) {
        self.office.app.set(at);
        let form = json!({"result": "granted", "at_counter": true});
        self.office.act(code, "finish", &self.office.leader, form).await.expect(200);
    }

    /// The gateway tells what became of an SMS: 1 is arrived, 2 is not.
    async fn told(&self, code: &str, purpose: &str, status: u8) {
        let app = &self.office.app;
        let id: Uuid = notices::table
            .inner_join(dossiers::table)
            .filter(dossiers::code.eq(code))
            .filter(notices::purpose.eq(purpose))
            .filter(notices::channel.eq("sms"))
            .select(notices::id)
            .first(&mut app.db.connect())
            .unwrap();
        assert_eq!(app.read(&format!("/callbacks/sms/{SECRET}?id={id}&status={status}")).await.status, 200);
        let (config, now) = (app.state.config.clone(), app.state.clock.now());
        let taken = app
            .state
            .act_here(&console(), now, |conn, _| receipts::tick(conn, &config.gateways, now).map_err(AppError::from));
        assert_eq!(taken.unwrap(), 1);
    }

    fn page_of(&self, year: &str) -> [Vec<u8>; 3] {
        let app = &self.office.app;
        let command = ExportCommand::augment_subcommands(clap::Command::new("motcua"));
        let args = ["motcua", "year", "--year", year, "--out", app.dir.path().to_str().unwrap()];
        let command = ExportCommand::from_arg_matches(&command.try_get_matches_from(args).unwrap()).unwrap();
        run(&app.state, &console(), &command).unwrap();
        let name = format!("so-lieu-nam_toan-tinh_{year}-01-01_{year}-12-31");
        ["xlsx", "pdf", "txt"].map(|ending| std::fs::read(app.dir.path().join(format!("{name}.{ending}"))).unwrap())
    }
}

#[actix_web::test]
async fn the_page_of_a_year_counts_what_was_sent_arrived_failed_and_was_called_back() {
    let given = Given::new().await;
    let mut codes = Vec::new();
    for _ in 0..5 {
        codes.push(given.office.in_process(TEN_DAYS).await);
    }
    given.sent().await;
    given.told(&codes[0], "received", 1).await;
    given.told(&codes[1], "received", 1).await;
    // Due on Thursday 15 October: three invitations to collect early, of which one arrives.
    given.finished(&codes[0], "2026-10-12 08:00").await;
    given.finished(&codes[1], "2026-10-12 09:00").await;
    given.sent().await;
    given.told(&codes[0], "result_early", 1).await;
    given.told(&codes[1], "result_early", 2).await;
    given.finished(&codes[2], "2026-10-13 08:00").await;
    given.gateway.next([NO_SUCH_NUMBER]);
    given.sent().await;
    // One more is called back before it went out, and the last one is late.
    given.finished(&codes[4], "2026-10-13 09:00").await;
    let recall = json!({"reason": "Sai số chứng thực"});
    given.office.act(&codes[4], "recall", &given.office.leader, recall).await.expect(200);
    given.finished(&codes[3], "2026-10-20 08:00").await;
    given.sent().await;

    let [workbook, pdf, text] = given.page_of("2026");
    let (rows, pdf, text) = (sheet(&workbook), pdf_text(&pdf), String::from_utf8(text).unwrap());
    let total = rows.iter().find(|row| row[1] == "Tổng cộng").unwrap();
    assert_eq!(total[2..], ["5", "0", "0", "4", "3", "0", "1", "1", "0.75", "0.75"]);
    let shown = "Tổng cộng 5 0 0,00 % 4 3 0 1 1 75,00 % 75,00 %";
    assert!(pdf.contains(&bare(shown)), "{pdf}");
    let said = "Tổng cộng: tiếp nhận trong kỳ: tổng số 5; tiếp nhận trong kỳ: trực tuyến 0; \
                tiếp nhận trong kỳ: tỷ lệ trực tuyến 0,00 %; đã giải quyết: tổng số 4; đã giải quyết: trước hạn 3; \
                đã giải quyết: đúng hạn 0; đã giải quyết: quá hạn 1; đang giải quyết 1; \
                tỷ lệ trước hạn và đúng hạn 75,00 %; tỷ lệ trước hạn 75,00 %";
    assert!(text.contains(said), "{text}");
    for line in RECEIVED.into_iter().chain(MESSAGES) {
        assert!(rows.iter().any(|row| row[0] == line), "{line} in the sheet: {rows:?}");
        assert!(pdf.contains(&bare(line)), "{line} in {pdf}");
        assert!(text.lines().any(|said| said == line), "{line} in {text}");
    }
    // What the gateway took is what was sent: six others, and two of the invitations.
    assert_eq!(given.gateway.taken().len(), 8);
    the_same_by_any_way(&given.office.app, &workbook).await;
    of_each_unit_its_own(&given.office).await;
}

/// The page is the same however it is asked for.
async fn the_same_by_any_way(app: &TestApp, workbook: &[u8]) {
    let controller = app.sign_in(Role::Controller, "H21");
    assert_eq!(notes(app, &controller, "").await, MESSAGES);
    let answered = app.get("/reports/year?calendar_year=2026&format=xlsx", &controller).await.expect(200);
    assert!(answered.bytes == workbook, "the API");
    let form = json!({ "layout": "year", "calendar_year": "2026", "format": "xlsx" });
    let id = app.post("/exports", &controller, &form).await.expect(202).field("id");
    worked(app).await;
    let made = app.get(&format!("/exports/{id}/file"), &controller).await.expect(200);
    assert!(made.bytes == workbook, "the worker");
}

/// Messages are those of the dossiers that the unit resolves.
async fn of_each_unit_its_own(office: &Office) {
    let app = &office.app;
    let controller = app.sign_in(Role::Controller, "H21");
    assert_eq!(notes(app, &controller, &format!("&unit={DEPARTMENT}")).await, MESSAGES);
    assert_eq!(notes(app, &office.leader, "").await, MESSAGES);
    assert_eq!(notes(app, &controller, &format!("&unit={OTHER}")).await[0], NONE);
    let officer = app.sign_in(Role::Officer, OTHER);
    assert_eq!(notes(app, &officer, "").await[0], NONE);
    app.get(&format!("/reports/year?calendar_year=2026&unit={DEPARTMENT}"), &officer).await.expect(404);
}

/// The lines about messages of the year's page.
async fn notes(app: &TestApp, token: &str, of: &str) -> Vec<String> {
    let page = app.get(&format!("/reports/year?calendar_year=2026{of}"), token).await.expect(200).body;
    let mut notes: Vec<String> = serde_json::from_value(page["notes"].clone()).unwrap();
    let first = notes.iter().position(|note| note.starts_with("Tin nhắn")).unwrap();
    notes.split_off(first)
}

#[actix_web::test]
async fn a_year_without_messages_says_so() {
    let given = Given::new().await;
    let [workbook, pdf, text] = given.page_of("2025");
    assert!(sheet(&workbook).iter().any(|row| row[0] == NONE));
    assert!(pdf_text(&pdf).contains(&bare(NONE)));
    assert!(String::from_utf8(text).unwrap().lines().any(|line| line == NONE));
}
