//! The early-result campaign: figures of real lives, and the dossiers behind each.

mod effect;

use std::io::Cursor;

use calamine::{Data, Reader, Xlsx};
use diesel::connection::SimpleConnection;
use motcua::domain::role::Role;
use motcua::dossiers::remind;
use serde_json::{Value, json};

use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

const TABLE: &str = "/campaigns/early-results";
const AUTUMN: &str = "from=2026-10-01&to=2026-12-01";

/// Lives of early results: who was reached how, and when they came.
struct Given {
    office: Office,
    head: String,
    /// Came on the day; came after two working days; was called up and has not come; was not reached and has not come; and
    /// one that was taken back.
    codes: Vec<String>,
}

impl Given {
    async fn new() -> Self {
        let office = Office::at("2026-10-05 09:00").await;
        let head = office.app.sign_in(Role::CentreHead, CENTRE);
        let mut given = Self { office, head, codes: Vec::new() };
        for _ in 0..4 {
            let code = given.office.in_process(TEN_DAYS).await;
            given.codes.push(code);
        }
        // Due on Thursday 15 October.
        given.finish(0, "2026-10-12 08:00").await;
        given.hand_over(0, "2026-10-12 15:00").await;
        given.finish(1, "2026-10-13 08:00").await;
        given.hand_over(1, "2026-10-15 15:00").await;
        given.finish(2, "2026-10-14 08:00").await;
        given.finish(3, "2026-10-14 09:00").await;
        given.office.app.set("2026-10-30 09:00");
        let late = given.office.in_process(TEN_DAYS).await;
        given.codes.push(late);
        // Due on Monday 9 November.
        given.finish(4, "2026-11-04 08:00").await;
        let recall = json!({"reason": "Sai số chứng thực"});
        given.office.act(&given.codes[4], "recall", &given.office.leader, recall).await.expect(200);
        given.fate(0, "status = 'delivered', sent_at = created_at, cost_estimated_vnd = 850, cost_billed_vnd = 820.5");
        given.fate(1, "status = 'sent', sent_at = created_at, cost_estimated_vnd = 850");
        given.fate(2, "status = 'given_up', settled = 'told_by_phone'");
        given.fate(3, "status = 'failed'");
        given
    }

    async fn finish(&self, number: usize, at: &str) {
        self.office.app.set(at);
        let form = json!({"result": "granted", "at_counter": true});
        self.office.act(&self.codes[number], "finish", &self.office.leader, form).await.expect(200);
    }

    async fn hand_over(&self, number: usize, at: &str) {
        self.office.app.set(at);
        self.office.act(&self.codes[number], "hand_over", &self.office.clerk, json!({})).await.expect(200);
    }

    /// What became of the SMS of an invitation; the mail was called back.
    fn fate(&self, number: usize, set: &str) {
        let of = format!(
            "purpose = 'result_early' AND dossier_id = (SELECT id FROM dossiers WHERE code = '{}')",
            self.codes[number]
        );
        let sql = format!(
            "UPDATE notices SET status = 'cancelled' WHERE {of}; UPDATE notices SET {set} WHERE {of} AND channel = 'sms'"
        );
        self.office.app.db.connect().batch_execute(&sql).unwrap();
    }

    async fn table(&self, query: &str) -> Value {
        self.office.app.get(&format!("{TABLE}?{query}"), &self.head).await.expect(200).body
    }

    async fn behind(&self, query: &str) -> Vec<Value> {
        self.office.app.get(&format!("{TABLE}/dossiers?{query}"), &self.head).await.expect(200).items().to_vec()
    }
}

#[actix_web::test]
async fn who_was_invited_reached_and_came_is_counted_exactly() {
    let given = Given::new().await;
    let total = given.table(AUTUMN).await["total"].clone();
    for (figure, count) in [
        ("invited", 5),
        ("reached", 3),
        ("delivered", 1),
        ("handed_over", 1),
        ("told_by_phone", 1),
        ("not_reached", 2),
        ("failed", 1),
        ("cancelled", 1),
        ("waiting", 0),
        ("came", 2),
        ("came_within_1", 1),
        ("came_within_3", 2),
        ("came_within_5", 2),
        ("not_come", 2),
        ("taken_back", 1),
        // Three, two, one and one; what was taken back saved nothing.
        ("saved_days", 7),
        ("segments", 2),
        ("reminders", 0),
    ] {
        assert_eq!(total[figure], count, "{figure}: {total}");
    }
    assert_eq!(total["median_wait_days"], 1.0);
    assert_eq!(total["cost_vnd"], "1670.50", "as charged, else as estimated");
    assert_eq!(total["reached_rate"]["text"], "60.00");
    assert_eq!((&total["came_rate"]["numerator"], &total["came_rate"]["denominator"]), (&json!(2), &json!(4)));
    let none = given.table("from=2026-01-01&to=2026-02-01").await["total"].clone();
    assert_eq!((&none["invited"], &none["median_wait_days"]), (&json!(0), &json!(null)));
    assert_eq!(none["came_within_5_rate"]["text"], json!(null));
}

const CELLS: [&str; 19] = [
    "invited",
    "reached",
    "delivered",
    "told_by_phone",
    "handed_over",
    "not_reached",
    "waiting",
    "in_doubt",
    "failed",
    "given_up",
    "expired",
    "cancelled",
    "came",
    "came_within_1",
    "came_within_3",
    "came_within_5",
    "not_come",
    "taken_back",
    "reminded",
];

#[actix_web::test]
async fn every_figure_leads_to_exactly_its_dossiers() {
    let given = Given::new().await;
    for (group, keys) in [
        ("unit", vec![DEPARTMENT]),
        ("month", vec!["2026-10", "2026-11"]),
        ("kind", vec!["department"]),
        ("unit_month", vec!["H21.16 2026-10", "H21.16 2026-11"]),
    ] {
        let table = given.table(&format!("{AUTUMN}&group={group}")).await;
        let rows = table["rows"].as_array().unwrap();
        let codes: Vec<_> = rows.iter().map(|row| row["key"]["code"].as_str().unwrap()).collect();
        assert_eq!(codes, keys, "{group}");
        for row in rows {
            for cell in CELLS {
                let key = row["key"]["code"].as_str().unwrap().replace(' ', "%20");
                let query = format!("{AUTUMN}&group={group}&group_key={key}&cell={cell}");
                let listed = u64::try_from(given.behind(&query).await.len()).unwrap();
                assert_eq!(Some(listed), row[cell].as_u64(), "{query}");
            }
        }
    }
}

#[actix_web::test]
async fn each_dossier_says_when_it_was_invited_how_early_it_was_and_how_long_it_waited() {
    let given = Given::new().await;
    let came = given.behind(&format!("{AUTUMN}&cell=came")).await;
    let codes: Vec<_> = came.iter().map(|item| item["code"].as_str().unwrap()).collect();
    assert_eq!(codes, given.codes[..2]);
    let second = &came[1];
    assert_eq!((&second["fate"], &second["channels"]), (&json!("handed_over"), &json!("email sms")));
    assert_eq!((&second["saved_days"], &second["wait_days"]), (&json!(2), &json!(2)));
    assert_eq!(second["invited_at"], "2026-10-13T08:00:00+07:00");
    assert_eq!((&second["unit"]["code"], &second["procedure_code"]), (&json!(DEPARTMENT), &json!(TEN_DAYS)));
    let paged = given.office.app.get(&format!("{TABLE}/dossiers?{AUTUMN}&cell=invited&limit=3"), &given.head).await;
    let rest = given.behind(&format!("{AUTUMN}&cell=invited&limit=3&cursor={}", paged.field("next_cursor"))).await;
    assert_eq!((paged.items().len(), rest.len()), (3, 2));
}

#[actix_web::test]
async fn a_second_invitation_takes_the_place_of_the_first() {
    let given = Given::new().await;
    given.finish(4, "2026-11-05 08:00").await;
    let months = given.table(&format!("{AUTUMN}&group=month")).await;
    let november = &months["rows"][1];
    assert_eq!((&november["invited"], &november["taken_back"]), (&json!(1), &json!(0)));
    // From the 5th to the 9th: the 6th and the 9th.
    assert_eq!(november["saved_days"], 2);
    assert_eq!(given.table("from=2026-11-04&to=2026-11-05").await["total"]["invited"], 0);
}

#[actix_web::test]
async fn a_result_that_was_taken_back_and_came_on_its_last_day_is_early_no_more() {
    let given = Given::new().await;
    given.finish(4, "2026-11-09 08:00").await;
    given.hand_over(4, "2026-11-09 09:00").await;
    let total = given.table(AUTUMN).await["total"].clone();
    assert_eq!((&total["invited"], &total["taken_back"], &total["came"]), (&json!(5), &json!(1), &json!(2)));
    assert_eq!(total["saved_days"], 7);
}

#[actix_web::test]
async fn nobody_is_reminded_more_often_than_the_settings_say() {
    let given = Given::new().await;
    let reminders = async || given.table(AUTUMN).await["total"]["reminders"].clone();
    let tick = || remind::tick(given.office.app.state.clone());
    tick().await.unwrap();
    assert_eq!(reminders().await, 4, "of two, after three and seven days");
    assert_eq!(given.table(AUTUMN).await["total"]["reminded"], 2);
    for day in ["2026-11-16 09:00", "2026-12-16 09:00", "2027-03-16 09:00"] {
        given.office.app.set(day);
        tick().await.unwrap();
    }
    assert_eq!(reminders().await, 6);
}

#[actix_web::test]
async fn whoever_may_not_read_both_figures_and_notices_reads_no_campaign_and_others_their_own() {
    let given = Given::new().await;
    let app = &given.office.app;
    let invited = async |token: &str| {
        let answer = app.get(&format!("{TABLE}?{AUTUMN}"), token).await.expect(200);
        answer.body["total"]["invited"].clone()
    };
    assert_eq!(invited(&given.office.officer).await, 5);
    assert_eq!(invited(&app.sign_in(Role::Officer, "H21.20")).await, 0);
    app.get(&format!("{TABLE}?{AUTUMN}"), &given.office.clerk).await.expect(403);
    app.get(&format!("{TABLE}?{AUTUMN}"), &given.office.records).await.expect(403);
    let stranger = app.sign_in(Role::Leader, "H21.20");
    app.get(&format!("{TABLE}?{AUTUMN}&unit={DEPARTMENT}"), &stranger).await.expect(404);
    let row = format!("{TABLE}/dossiers?{AUTUMN}&cell=invited&group=unit&group_key={DEPARTMENT}");
    assert_eq!(app.get(&row, &stranger).await.expect(422).faults(), [("?group_key", "group_not_found")]);
    for wrong in ["", "from=2026-10-01", "month=2026-13", "month=2026-10&group=day", "month=2026-10&format=pdf"] {
        assert_eq!(app.get(&format!("{TABLE}?{wrong}"), &given.head).await.status, 422, "{wrong}");
    }
    for wrong in ["cell=lost", "", "cell=invited&limit=0"] {
        assert_eq!(app.get(&format!("{TABLE}/dossiers?{AUTUMN}&{wrong}"), &given.head).await.status, 422, "{wrong}");
    }
}

#[actix_web::test]
async fn files_say_what_the_api_says() {
    let given = Given::new().await;
    let app = &given.office.app;
    let get = async |query: &str| app.get(&format!("{TABLE}{query}"), &given.head).await.expect(200);
    let csv = get(&format!("?{AUTUMN}&group=month&format=csv")).await;
    let lines: Vec<_> = csv.text.lines().collect();
    assert_eq!(lines[0], "\"Mời nhận kết quả trước hạn, 01/10/2026 – 30/11/2026\"");
    assert!(lines[1].starts_with("Mã,Tên,Đã mời,Báo được,"), "{}", lines[1]);
    assert!(lines[2].starts_with("total,Tổng cộng,5,3,") && lines[2].ends_with(",1,7,0,2,1670.5"), "{}", lines[2]);
    assert!(lines[3].starts_with("2026-10,Tháng 10 năm 2026,4,"), "{}", lines[3]);
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");

    let xlsx = get(&format!("?{AUTUMN}&format=xlsx")).await;
    assert!(xlsx.header("content-disposition").contains("ket-qua-som_2026-10-01_2026-11-30.xlsx"));
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(&xlsx.bytes)).unwrap();
    let sheet = book.worksheet_range("Kết quả sớm").unwrap();
    assert_eq!((sheet.get((2, 0)), sheet.get((2, 2))), (Some(&Data::String("total".into())), Some(&Data::Float(5.0))));
    assert_eq!(sheet.get((3, 0)), Some(&Data::String(DEPARTMENT.into())));

    let listed = get(&format!("/dossiers?{AUTUMN}&cell=not_come&format=csv&bom=true")).await;
    assert!(listed.text.starts_with('\u{feff}'));
    assert_eq!(listed.text.lines().count(), 4);
    assert!(listed.text.contains(&given.codes[2]) && listed.text.contains("Đã gọi điện"), "{}", listed.text);
}
