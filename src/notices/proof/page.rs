//! The page itself, in Vietnamese, as it lies in a file of evidence.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::tables::{attempts, deeds, receipts};
use super::{About, STYLES};
use crate::domain::notice::{NoticeStatus, Wording};
use crate::domain::period::office_time;
use crate::domain::person::Part;
use crate::http::html::Html;
use crate::notices::evidence::{Proof, Words};
use crate::notices::view::status_of;

/// When it was printed and by whom.
pub(super) struct Printed {
    /// By the office's clock.
    pub(super) at: NaiveDateTime,
    pub(super) by: String,
    pub(super) unit: Option<String>,
}

/// What stands where retention has erased something.
const ERASED: &str = "<span class=\"erased\">(đã xóa theo thời hạn lưu giữ)</span>";

/// Writes the page.
pub(super) fn write(about: &About, printed: &Printed, proofs: &[Proof]) -> String {
    let mut html = Html::new();
    html.markup("<!DOCTYPE html>\n<html lang=\"vi\">\n<head>\n<meta charset=\"utf-8\">\n")
        .between("<title>Chứng cứ thông báo – ", &about.code, "</title>\n")
        .markup("<style>")
        .markup(STYLES)
        .markup("</style>\n</head>\n<body>\n");
    head(&mut html, about, printed, proofs.len());
    for (number, proof) in (1..).zip(proofs) {
        notice(&mut html, number, proof);
    }
    catalogue(&mut html);
    html.markup(
        "<footer><p>Lập từ cơ sở dữ liệu của hệ thống tại thời điểm in. Số điện thoại và địa chỉ được che; nội dung ",
    )
    .markup("ghi đúng từng chữ như đã gửi. Mỗi lần xem trang có nội dung được ghi lại.</p></footer>\n")
    .markup("</body>\n</html>\n");
    html.finish()
}

/// A moment as people read it, by the office's clock, to the second.
pub(super) fn moment(at: DateTime<Utc>) -> String {
    written(office_time(at))
}

fn written(at: NaiveDateTime) -> String {
    at.format("%H:%M:%S %d/%m/%Y").to_string()
}

fn head(html: &mut Html, about: &About, printed: &Printed, count: usize) {
    html.markup("<header>\n<h1>CHỨNG CỨ VỀ CÁC THÔNG BÁO ĐÃ GỬI</h1>\n<dl>\n");
    line(html, "<dt>Mã hồ sơ</dt>", Some(&about.code));
    line(html, "<dt>Thủ tục</dt>", about.procedure.as_deref());
    line(html, "<dt>Cơ quan giải quyết</dt>", about.unit.as_deref());
    line(html, "<dt>Số thông báo</dt>", Some(&count.to_string()));
    line(html, "<dt>In lúc</dt>", Some(&written(printed.at)));
    line(html, "<dt>Người in</dt>", Some(&printed.by));
    line(html, "<dt>Đơn vị của người in</dt>", printed.unit.as_deref());
    html.markup("</dl>\n</header>\n");
}

/// A line of a list, where there is something to say.
fn line(html: &mut Html, name: &'static str, value: Option<&str>) {
    if let Some(value) = value {
        html.markup(name).between("<dd>", value, "</dd>\n");
    }
}

fn notice(html: &mut Html, number: usize, proof: &Proof) {
    let (row, _, waiting) = &proof.listed;
    html.between("<section>\n<h2>", &number.to_string(), ". ").between("", row.purpose.vi(), "</h2>\n<dl>\n");
    line(html, "<dt>Số hiệu</dt>", Some(&row.id.to_string()));
    line(html, "<dt>Kênh</dt>", Some(row.channel.vi()));
    recipient(html, proof);
    line(html, "<dt>Lập lúc</dt>", Some(&moment(row.created_at)));
    line(html, "<dt>Trạng thái</dt>", Some(status_of(row, waiting.as_ref()).vi()));
    line(html, "<dt>Lý do</dt>", row.reason.as_deref());
    line(html, "<dt>Cổng gửi nhận lúc</dt>", row.sent_at.map(moment).as_deref());
    line(html, "<dt>Kết thúc lúc</dt>", row.final_at.map(moment).as_deref());
    line(html, "<dt>Cổng gửi</dt>", row.gateway.as_deref());
    line(html, "<dt>Số tham chiếu</dt>", row.gateway_ref.as_deref());
    line(html, "<dt>Mẫu tin, phiên bản</dt>", Some(&proof.version.to_string()));
    line(html, "<dt>Số phần tin</dt>", Some(&row.segments.to_string()));
    line(html, "<dt>Chi phí ước tính (đồng)</dt>", proof.paid.estimated.map(|vnd| vnd.to_string()).as_deref());
    line(html, "<dt>Chi phí cổng báo (đồng)</dt>", proof.paid.billed.map(|vnd| vnd.to_string()).as_deref());
    line(html, "<dt>Thay cho thông báo</dt>", row.parent_id.map(|id| id.to_string()).as_deref());
    html.markup("</dl>\n");
    words(html, &proof.words);
    attempts(html, &proof.attempts);
    receipts(html, &proof.receipts);
    deeds(html, &proof.deeds);
    html.markup("</section>\n");
}

fn recipient(html: &mut Html, proof: &Proof) {
    let row = &proof.listed.0;
    let part = match row.recipient {
        Part::Applicant => "chủ hồ sơ",
        Part::Submitter => "người nộp hồ sơ",
    };
    html.markup("<dt>Người nhận</dt><dd>").between("", part, ", ");
    match proof.words == Words::Erased {
        true => html.markup(ERASED),
        false => html.text(&row.address_masked),
    };
    html.markup("</dd>\n");
}

fn words(html: &mut Html, words: &Words) {
    match words {
        Words::Said(Wording { subject, text, .. }) => {
            if let Some(subject) = subject {
                html.between("<p>Tiêu đề: ", subject, "</p>\n");
            }
            html.between("<blockquote>", text, "</blockquote>\n");
        }
        Words::Secret => {
            html.markup("<p>Nội dung là mã bí mật của người nhận, không ai khác được xem.</p>\n");
        }
        Words::Erased => {
            html.markup("<p>Nội dung: ").markup(ERASED).markup("</p>\n");
        }
    }
}

/// What each status proves, so that the page is understood without the house.
fn catalogue(html: &mut Html) {
    html.markup("<section>\n<h2>Các trạng thái và ý nghĩa</h2>\n<table><tbody>\n");
    for status in NoticeStatus::ALL {
        html.between("<tr><th>", status.vi(), "</th>").between("<td>", status.explained(), "</td></tr>\n");
    }
    html.markup("</tbody></table>\n</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::costs::Paid;
    use crate::domain::delivery::Outcome;
    use crate::domain::ids::{DossierId, NoticeDeedId, NoticeId};
    use crate::domain::notice::{Encoding, NoticeChannel, NoticeDeed, Purpose};
    use crate::notices::deeds::history::DeedRow;
    use crate::notices::queries::{AttemptRow, ReceiptRow, Row};
    use proptest::prelude::*;

    fn proof(text: &str) -> Proof {
        let at = DateTime::UNIX_EPOCH;
        let (id, said) = (NoticeId(uuid::Uuid::nil()), || Some(text.to_owned()));
        let row = Row {
            id,
            purpose: Purpose::ResultEarly,
            recipient: Part::Applicant,
            channel: NoticeChannel::Sms,
            address_masked: text.to_owned(),
            encoding: Encoding::Gsm7,
            segments: 1,
            status: NoticeStatus::Sent,
            reason: said(),
            gateway: said(),
            gateway_ref: said(),
            attempts: 1,
            created_at: at,
            expires_at: at,
            sent_at: Some(at),
            final_at: Some(at),
            parent_id: Some(id),
            settled: None,
        };
        Proof {
            listed: (row, text.to_owned(), None),
            words: Words::Said(Wording { subject: said(), text: text.to_owned(), html: said(), ..Wording::default() }),
            version: 1,
            attempts: vec![AttemptRow {
                notice_id: id,
                attempt: 1,
                gateway: text.to_owned(),
                started_at: at,
                ended_at: Some(at),
                outcome: Outcome::Accepted,
                code: said(),
                gateway_ref: said(),
            }],
            receipts: vec![ReceiptRow { notice_id: Some(id.0), code: text.to_owned(), received_at: at }],
            deeds: vec![DeedRow {
                id: NoticeDeedId(uuid::Uuid::nil()),
                notice_id: id,
                dossier_id: DossierId(uuid::Uuid::nil()),
                what: NoticeDeed::ToldByPhone,
                done_at: at,
                principal: text.to_owned(),
                actor_name: text.to_owned(),
                confirmed_by: said(),
                confirmed_by_name: said(),
                reason: said(),
                told_at: Some(at),
                child_id: None,
            }],
            paid: Paid::default(),
        }
    }

    fn page(text: &str) -> String {
        let about = About { code: text.to_owned(), procedure: Some(text.to_owned()), unit: Some(text.to_owned()) };
        let at = DateTime::UNIX_EPOCH.naive_utc();
        let printed = Printed { at, by: text.to_owned(), unit: Some(text.to_owned()) };
        write(&about, &printed, &[proof(text)])
    }

    /// The markup of a page in its order, without what stands between.
    fn markup(page: &str) -> Vec<&str> {
        page.split('<').skip(1).map(|part| part.split_once('>').map_or("unclosed", |(tag, _)| tag)).collect()
    }

    proptest! {
        #[test]
        fn rubbish_in_any_value_never_becomes_markup(
            rubbish in "\\PC*|.*|[<>&\"'/=!a-z ;-]*|</dd><script>alert\\(1\\)</script>|--><style>|&lt;b&gt;"
        ) {
            let (page_of_rubbish, plain) = (page(&rubbish), page("x"));
            prop_assert_eq!(markup(&page_of_rubbish), markup(&plain));
            prop_assert!(!page_of_rubbish.contains("<script"));
        }
    }

    #[test]
    fn the_page_loads_nothing_and_runs_nothing() {
        let page = page("x");
        for loading in ["<script", "<img", "<link", "<iframe", "url(", "@import", "http", "on", "style="] {
            let tags = markup(&page);
            assert!(!tags.iter().any(|tag| tag.contains(&format!(" {loading}"))), "{loading}");
        }
        assert!(!STYLES.contains("url(") && !STYLES.contains("@import") && !page.contains("<script"));
    }

    #[test]
    fn the_values_are_all_there() {
        let page = page("Báo & <hỏi>");
        // Code in the title and the head; procedure, unit, who printed and where; then of the notice.
        assert!(page.matches("Báo &amp; &lt;hỏi&gt;").count() >= 15, "{page}");
    }
}
