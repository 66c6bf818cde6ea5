//! What proves what was sent: one notice, the notices of a dossier, and the page to print.

use diesel::prelude::*;
use motcua::domain::notice::Purpose;
use motcua::domain::role::Role;
use motcua::retention;
use motcua::schema::{dossiers, identity_reads, notices};
use serde_json::json;

use super::dispatch::by_get;
use super::gateway::SmsServer;
use super::given::{ELSEWHERE, House, People, UNIT};

const CODE: &str = "H48.24-260925-0777";

/// A house with a dossier of which two things were told, the first of them sent.
async fn told() -> (House, SmsServer) {
    let server = SmsServer::start();
    let house = House::new(by_get(&server));
    let dossier = house.dossier(CODE, &People::default());
    house.enqueue(&house.cause(dossier, Purpose::ResultEarly));
    house.drain().await;
    house.enqueue(&house.cause(dossier, Purpose::CollectReminder));
    (house, server)
}

fn reads(house: &House) -> Vec<(String, String)> {
    identity_reads::table
        .order(identity_reads::id)
        .select((identity_reads::shown_in, identity_reads::reader_name))
        .load(&mut house.conn())
        .unwrap()
}

#[tokio::test]
async fn the_notices_of_a_dossier_are_listed_in_their_order() {
    let (house, _server) = told().await;
    let officer = house.app.sign_in(Role::Officer, UNIT);
    let path = format!("/dossiers/{CODE}/notices");
    let first = house.app.get(&format!("{path}?limit=1"), &officer).await.expect(200);
    assert_eq!((first.items()[0]["purpose"].as_str(), first.items().len()), (Some("result_early"), 1));
    let rest = house.app.get(&format!("{path}?limit=1&cursor={}", first.field("next_cursor")), &officer).await;
    assert_eq!(rest.items()[0]["purpose"], "collect_reminder");
    assert!(rest.body["next_cursor"].is_null() && !rest.text.contains("905123456"));
    house.app.get(&path, &house.app.sign_in(Role::Officer, ELSEWHERE)).await.expect(404);
    assert_eq!(reads(&house), []);
}

#[tokio::test]
async fn a_page_to_print_says_what_was_sent_when_to_whom_and_what_became_of_it() {
    let (house, server) = told().await;
    let officer = house.app.sign_in(Role::Officer, UNIT);
    let page = house.app.get(&format!("/dossiers/{CODE}/notices/proof"), &officer).await.expect(200);
    let asked = server.asked();
    assert_eq!(asked.len(), 1);
    for said in [
        CODE,
        "Mời nhận kết quả trước hạn",
        "Nhắc nhận kết quả",
        "0905***456",
        "da co ket qua som",
        "09:00:00 25/09/2026",
        "Nguyễn Văn officer",
        "Sở Xây dựng",
        "cổng đã nhận",
        "Chờ gửi",
        "Đã đến người nhận",
        "Không có báo phát",
    ] {
        assert!(page.text.contains(said), "{said}: {}", page.text);
    }
    assert!(!page.text.contains("905123456"));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    let policy = page.header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(reads(&house), [("notice_proof".to_owned(), "Nguyễn Văn officer".to_owned())]);
}

#[tokio::test]
async fn a_page_to_print_is_not_there_for_a_foreign_unit_and_leaves_no_reading() {
    let (house, _server) = told().await;
    let path = format!("/dossiers/{CODE}/notices/proof");
    house.app.get(&path, &house.app.sign_in(Role::Officer, ELSEWHERE)).await.expect(404);
    house.app.get(&path, &house.app.sign_in(Role::Chair, UNIT)).await.expect(403);
    house.app.get("/dossiers/%00/notices/proof", &house.app.sign_in(Role::Officer, UNIT)).await.expect(404);
    assert_eq!(reads(&house), []);
}

#[tokio::test]
async fn what_retention_has_erased_is_shown_as_erased() {
    let (house, _server) = told().await;
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let notice: uuid::Uuid =
        notices::table.order(notices::id.desc()).select(notices::id).first(&mut house.conn()).unwrap();
    let cancel = json!({"reason": "Bà Ánh gọi từ 0905123456"});
    house.app.post(&format!("/notices/{notice}/actions/cancel"), &clerk, &cancel).await.expect(200);
    house.app.set("2029-01-05 09:00");
    retention::tick(house.app.state.clone()).await.unwrap();
    let page = house.app.get(&format!("/dossiers/{CODE}/notices/proof"), &clerk).await.expect(200);
    assert_eq!(page.text.matches("(đã xóa theo thời hạn lưu giữ)").count(), 4, "{}", page.text);
    assert!(page.text.contains("cổng đã nhận") && page.text.contains("Hủy"), "{}", page.text);
    assert!(!page.text.contains("Ánh gọi") && !page.text.contains("0905***456"));
    assert_eq!(reads(&house), [], "it shows nobody");
    let rows: i64 = notices::table.count().get_result(&mut house.conn()).unwrap();
    let kept: i64 = dossiers::table.count().get_result(&mut house.conn()).unwrap();
    assert_eq!((rows, kept), (2, 1), "nothing is deleted");
}

#[tokio::test]
async fn a_notice_shows_what_operators_did_with_it() {
    let (house, _server) = told().await;
    let clerk = house.app.sign_in(Role::Clerk, UNIT);
    let notice: uuid::Uuid =
        notices::table.order(notices::id.desc()).select(notices::id).first(&mut house.conn()).unwrap();
    let path = format!("/notices/{notice}");
    assert_eq!(house.app.get(&path, &clerk).await.expect(200).body["deeds"], json!([]));
    let done = house.app.post(&format!("{path}/actions/cancel"), &clerk, &json!({"reason": "nhầm"})).await.expect(200);
    assert_eq!((&done.body["status"], &done.body["reason"]), (&json!("cancelled"), &json!("cancelled")));
    let deed = &house.app.get(&path, &clerk).await.expect(200).body["deeds"][0];
    assert_eq!((&deed["what"], &deed["reason"]), (&json!("cancel"), &json!("nhầm")));
    assert_eq!((&deed["name"], &deed["confirmed_by"]), (&json!("Nguyễn Văn clerk"), &json!(null)));
    assert_eq!(deed["done_at"], "2026-09-25T09:00:00+07:00");
}
