use chrono::NaiveDate;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::notice::{Encoding, Facts, Known, NoticeChannel, Purpose, plan};
use motcua::notices::templates;
use motcua::schema::{catalogue_version, notice_templates};

use super::given::{House, start};

fn known(code: &str) -> Known<'_> {
    Known { code, unit: "Sở Xây dựng", lookup_url: "https://dichvucong.gov.vn", sender: "TTPVHCC" }
}

fn facts() -> Facts {
    let day = NaiveDate::from_ymd_opt(2026, 9, 25);
    Facts {
        procedure: Some("Cấp giấy phép xây dựng".to_owned()),
        due: day,
        promised: day,
        answer_by: day,
        reason: Some("Thiếu bản vẽ <mặt bằng>".to_owned()),
        place: Some("TTPVHCC tỉnh".to_owned()),
        counter: Some("Quầy 5".to_owned()),
        papers: vec!["Bản vẽ".to_owned(), "Tờ khai".to_owned()],
        amount_vnd: Some(1_500_000),
        one_time_code: Some("123456".to_owned()),
    }
}

#[test]
fn every_purpose_has_words_for_sms_and_mail() {
    let house = House::new(|_| {});
    let templates = templates::load(&mut house.conn()).unwrap();
    for purpose in Purpose::ALL {
        for facts in [facts(), Facts::default()] {
            let sms = templates.find(*purpose, NoticeChannel::Sms).unwrap();
            let text = sms.render(&known("000.00.53.H48-260925-00999"), &facts).text;
            let planned = plan(&text);
            assert_eq!((planned.encoding, planned.segments), (Encoding::Gsm7, 1), "{text}");
            assert!(text.is_ascii() && text.contains("000.00.53.H48-260925-00999"), "{text}");
            let Some(mail) = templates.find(*purpose, NoticeChannel::Email) else {
                assert!(purpose.is_secret(), "{purpose} has no words for mail");
                continue;
            };
            let wording = mail.render(&known("H48.24-260925-0001"), &facts);
            let html = wording.html.unwrap();
            assert!(wording.subject.unwrap().contains("H48.24-260925-0001"));
            for part in [&wording.text, &html] {
                assert!(part.contains("Kính gửi") && part.contains("H48.24-260925-0001"), "{part}");
                assert!(!part.contains("[[") && !part.contains("{"), "{part}");
            }
            assert_eq!(html.matches("<p").count(), html.matches("</p>").count(), "{html}");
        }
    }
}

#[test]
fn an_sms_tells_no_reason_and_a_mail_tells_it_as_text() {
    let house = House::new(|_| {});
    let templates = templates::load(&mut house.conn()).unwrap();
    let render = |channel| {
        let template = templates.find(Purpose::Supplement, channel).unwrap();
        template.render(&known("H48.24-260925-0001"), &facts())
    };
    assert!(!render(NoticeChannel::Sms).text.contains("Thieu"));
    let mail = render(NoticeChannel::Email);
    assert!(mail.text.contains("Thiếu bản vẽ <mặt bằng>"));
    assert!(mail.html.unwrap().contains("Thiếu bản vẽ &lt;mặt bằng&gt;"));
}

/// As if the program before this one had shipped other words.
pub fn ship_another(conn: &mut PgConnection, purpose: &str) {
    conn.batch_execute(&format!(
        "SET session_replication_role = replica;
         UPDATE notice_templates SET body = 'Xong: {{code}}'
         WHERE purpose = '{purpose}' AND channel = 'sms' AND written_by = 'system';
         RESET session_replication_role"
    ))
    .unwrap();
}

/// The versions of an SMS, and where they stand.
pub fn versions(conn: &mut PgConnection, purpose: Purpose) -> Vec<(i32, String)> {
    notice_templates::table
        .filter(notice_templates::purpose.eq(purpose))
        .filter(notice_templates::channel.eq(NoticeChannel::Sms))
        .order(notice_templates::version)
        .select((notice_templates::version, notice_templates::state))
        .load(conn)
        .unwrap()
}

#[test]
fn a_changed_wording_is_a_new_version_and_an_unchanged_one_is_not() {
    let house = House::new(|_| {});
    let mut conn = house.conn();
    let version = |conn: &mut PgConnection| -> i64 {
        catalogue_version::table.select(catalogue_version::version).first(conn).unwrap()
    };
    let before = version(&mut conn);
    assert_eq!(templates::sync(&mut conn, start()).unwrap(), 0);
    assert_eq!(version(&mut conn), before);
    ship_another(&mut conn, "returned");
    assert_eq!(templates::sync(&mut conn, start()).unwrap(), 1);
    assert_eq!(version(&mut conn), before + 1);
    assert_eq!(versions(&mut conn, Purpose::Returned), [(1, "retired".to_owned()), (2, "active".to_owned())]);
}

#[test]
fn the_shipped_wordings_have_no_faults_and_those_for_zalo_wait_for_their_numbers() {
    let house = House::new(|_| {});
    let (all, wrong) = templates::lint(&mut house.conn()).unwrap();
    assert!(all > 50, "{all}");
    assert!(wrong.is_empty(), "{wrong:?}");
    let templates = templates::load(&mut house.conn()).unwrap();
    assert!(Purpose::ALL.iter().all(|purpose| templates.find(*purpose, NoticeChannel::Zalo).is_none()));
}

#[test]
fn what_a_version_says_is_never_changed_and_none_is_deleted() {
    let house = House::new(|_| {});
    for change in ["body = body || '.'", "fold = 'none'", "max_segments = 3", "written_by = 'staff:1'"] {
        let sql = format!("UPDATE notice_templates SET {change} WHERE channel = 'sms'");
        let refused = house.conn().batch_execute(&sql).unwrap_err().to_string();
        assert!(refused.contains("never changed"), "{change}: {refused}");
    }
    let refused = house.conn().batch_execute("SET ROLE motcua_worker; DELETE FROM notice_templates").unwrap_err();
    assert!(refused.to_string().contains("permission denied"), "{refused}");
}
