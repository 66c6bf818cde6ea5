//! What the public page says: the status in words, and what the citizen has to do next and by when.

use chrono::NaiveDate;

use crate::domain::dossier::{Outcome, ResultDelivery, Status};
use crate::http::locale::Language;

/// What is expected of the citizen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Nothing but patience.
    Wait,
    /// Bring the missing papers.
    Supplement,
    /// Pay.
    Pay,
    /// Fetch the result.
    Collect,
    /// Nothing: it is over.
    Nothing,
}

impl Action {
    /// Returns the word for it in answers.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Supplement => "supplement",
            Self::Pay => "pay",
            Self::Collect => "collect",
            Self::Nothing => "nothing",
        }
    }
}

/// Returns the status in words.
pub(super) fn status_text(status: Status, language: Language) -> &'static str {
    if language == Language::Vietnamese {
        return status.vi();
    }
    match status {
        Status::Registered => "Filed, not yet accepted",
        Status::Received => "Accepted",
        Status::Declined => "Not accepted",
        Status::Processing => "In progress",
        Status::AwaitingSupplement => "Papers are missing",
        Status::AwaitingPayment => "A payment is due",
        Status::Withdrawn => "Withdrawn by the applicant",
        Status::Suspended => "Suspended",
        Status::Stopped => "Stopped",
        Status::Finished => "The result is ready",
        Status::Returned => "The result was handed over",
        Status::Voided => "Cancelled (entered by mistake)",
    }
}

/// What the next step depends on.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    pub status: Status,
    pub was_accepted: bool,
    pub delivery: ResultDelivery,
    pub result: Option<Outcome>,
    pub is_at_counter: bool,
    /// The date on which the result is due; `None` while the clock stands.
    pub due_on: Option<NaiveDate>,
    /// The new promise of an apology.
    pub promised_on: Option<NaiveDate>,
    /// Where results are handed over.
    pub counter: String,
    pub papers: Vec<String>,
    pub answer_by: Option<NaiveDate>,
    pub amount_vnd: Option<i64>,
    pub pay_by: Option<NaiveDate>,
    pub today: NaiveDate,
}

/// What comes next, in plain words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NextStep {
    pub action: Action,
    pub by: Option<NaiveDate>,
    pub text: String,
}

/// Says what comes next.
pub(super) fn next_step(facts: &Facts, language: Language) -> NextStep {
    let (action, by, vi, en) = said(facts);
    let text = match language {
        Language::Vietnamese => vi,
        Language::English => en,
    };
    NextStep { action, by, text }
}

type Words = (Action, Option<NaiveDate>, String, String);

fn plain(action: Action, vi: &str, en: &str) -> Words {
    (action, None, vi.to_owned(), en.to_owned())
}

fn said(facts: &Facts) -> Words {
    match facts.status {
        Status::Registered => plain(
            Action::Wait,
            "Hồ sơ đang chờ tiếp nhận. Cơ quan trả lời trong 08 giờ làm việc; Ông/Bà chưa cần làm gì.",
            "Your dossier waits to be accepted. The office answers within 8 working hours; you need not do anything yet.",
        ),
        Status::Received | Status::Processing => in_progress(facts),
        Status::AwaitingSupplement => supplement(facts),
        Status::AwaitingPayment => payment(facts),
        Status::Suspended => plain(
            Action::Wait,
            "Hồ sơ đang tạm dừng theo yêu cầu của cơ quan có thẩm quyền. Thời gian tạm dừng không tính vào thời hạn; Ông/Bà chưa cần làm gì.",
            "Your dossier is suspended by order of an authority. The time does not count; you need not do anything yet.",
        ),
        Status::Finished => ready(facts),
        Status::Returned => plain(
            Action::Nothing,
            "Kết quả đã được trả. Ông/Bà không cần làm gì thêm.",
            "The result was handed over. You need not do anything more.",
        ),
        Status::Declined => plain(
            Action::Nothing,
            "Hồ sơ không được tiếp nhận. Lý do ghi trong phiếu từ chối; Ông/Bà có thể nộp lại khi đã hoàn thiện.",
            "Your dossier was not accepted. The refusal slip gives the reason; you may file again once it is complete.",
        ),
        Status::Withdrawn => plain(
            Action::Nothing,
            "Hồ sơ đã được rút theo yêu cầu. Ông/Bà có thể nhận lại giấy tờ tại nơi nộp.",
            "Your dossier was withdrawn as requested. Papers can be fetched where they were handed in.",
        ),
        Status::Stopped => plain(
            Action::Nothing,
            "Hồ sơ đã dừng giải quyết. Lý do ghi trong thông báo dừng; Ông/Bà có thể nhận lại giấy tờ tại nơi nộp.",
            "Your dossier was stopped. The notice gives the reason; papers can be fetched where they were handed in.",
        ),
        Status::Voided => plain(
            Action::Nothing,
            "Hồ sơ này được nhập nhầm và đã hủy.",
            "This dossier was entered by mistake and cancelled.",
        ),
    }
}

fn in_progress(facts: &Facts) -> Words {
    match (facts.due_on, facts.promised_on) {
        (Some(due), promised) if due < facts.today => overdue(promised, facts.today),
        (Some(due), _) => (
            Action::Wait,
            None,
            format!("Hồ sơ đang được giải quyết, hẹn trả kết quả ngày {}. Ông/Bà chưa cần làm gì.", date(due)),
            format!(
                "Your dossier is being worked on; the result is due on {}. You need not do anything yet.",
                date(due)
            ),
        ),
        (None, _) => plain(
            Action::Wait,
            "Hồ sơ đang chờ ý kiến của cơ quan khác; thời gian này không tính vào thời hạn. Ông/Bà chưa cần làm gì.",
            "Your dossier waits for another agency; that time does not count. You need not do anything yet.",
        ),
    }
}

fn overdue(promised: Option<NaiveDate>, today: NaiveDate) -> Words {
    match promised.filter(|promised| *promised >= today) {
        Some(promised) => (
            Action::Wait,
            None,
            format!(
                "Hồ sơ đã quá ngày hẹn, cơ quan xin lỗi và hẹn lại ngày {}. Ông/Bà chưa cần làm gì.",
                date(promised)
            ),
            format!(
                "Your dossier is late; the office apologises and now promises {}. You need not do anything.",
                date(promised)
            ),
        ),
        None => plain(
            Action::Wait,
            "Hồ sơ đã quá ngày hẹn và vẫn đang được giải quyết. Ông/Bà có thể hỏi tại nơi nộp hồ sơ.",
            "Your dossier is late and still being worked on. You may ask where it was handed in.",
        ),
    }
}

fn supplement(facts: &Facts) -> Words {
    let list = facts.papers.join("; ");
    let (list_vi, list_en) = match facts.papers.is_empty() {
        true => (String::new(), String::new()),
        false => (format!(": {list}"), format!(": {list}")),
    };
    let (by_vi, by_en) = match facts.answer_by {
        Some(by) => (format!(" chậm nhất ngày {}", date(by)), format!(" by {}", date(by))),
        None => (String::new(), String::new()),
    };
    let (clock_vi, clock_en) = match facts.was_accepted {
        true => (" Thời gian chờ bổ sung không tính vào thời hạn giải quyết.", " The time until then does not count."),
        false => (" Hồ sơ được tiếp nhận khi đủ giấy tờ.", " Your dossier is accepted once it is complete."),
    };
    (
        Action::Supplement,
        facts.answer_by,
        format!("Đề nghị Ông/Bà bổ sung giấy tờ{by_vi}{list_vi}.{clock_vi}"),
        format!("Please hand in the missing papers{by_en}{list_en}.{clock_en}"),
    )
}

fn payment(facts: &Facts) -> Words {
    let Some(amount) = facts.amount_vnd else {
        return plain(
            Action::Wait,
            "Hồ sơ cần thực hiện nghĩa vụ tài chính. Ông/Bà chờ thông báo số tiền phải nộp.",
            "A payment to the state will be due. Please wait for the notice of the amount.",
        );
    };
    let (by_vi, by_en) = match facts.pay_by {
        Some(by) => (format!(" chậm nhất ngày {}", date(by)), format!(" by {}", date(by))),
        None => (String::new(), String::new()),
    };
    let amount = dotted(amount);
    (
        Action::Pay,
        facts.pay_by,
        format!("Đề nghị Ông/Bà nộp {amount} đồng{by_vi}. Hồ sơ được giải quyết tiếp khi đã nộp."),
        format!("Please pay {amount} VND{by_en}. Your dossier goes on once it is paid."),
    )
}

fn ready(facts: &Facts) -> Words {
    let (what_vi, what_en) = match facts.result {
        Some(Outcome::Refused) => ("Văn bản trả lời (không chấp thuận)", "The answer (a refusal)"),
        _ => ("Kết quả", "The result"),
    };
    let counter = &facts.counter;
    match (facts.delivery, facts.is_at_counter) {
        (ResultDelivery::Counter, true) => (
            Action::Collect,
            None,
            format!("{what_vi} đã có. Mời Ông/Bà đến nhận tại {counter}, mang theo giấy hẹn và căn cước."),
            format!("{what_en} is ready. Please fetch it at {counter} with your slip and identity card."),
        ),
        (ResultDelivery::Counter, false) => (
            Action::Wait,
            None,
            format!("{what_vi} đã được ký và đang chuyển về {counter}. Ông/Bà đợi thông báo mời nhận."),
            format!("{what_en} is signed and on its way to {counter}. Please wait for the invitation."),
        ),
        (ResultDelivery::Postal, _) => (
            Action::Wait,
            None,
            format!("{what_vi} đã có và được gửi qua bưu chính. Ông/Bà không cần đến nhận."),
            format!("{what_en} is ready and comes by post. You need not come."),
        ),
        (ResultDelivery::Online, _) => (
            Action::Collect,
            None,
            format!("{what_vi} đã có dưới dạng điện tử. Mời Ông/Bà nhận trên Cổng Dịch vụ công."),
            format!("{what_en} is ready in electronic form. Please fetch it on the public service portal."),
        ),
    }
}

/// Writes a date as people do.
pub(super) fn date(date: NaiveDate) -> String {
    date.format("%d/%m/%Y").to_string()
}

/// Writes 1500000 as 1.500.000.
fn dotted(amount: i64) -> String {
    let digits = amount.to_string();
    let length = digits.len();
    let mut written = String::with_capacity(length + length / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (length - index).is_multiple_of(3) {
            written.push('.');
        }
        written.push(digit);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(status: Status) -> Facts {
        let day = |day| NaiveDate::from_ymd_opt(2026, 10, day).unwrap();
        Facts {
            status,
            was_accepted: true,
            delivery: ResultDelivery::Counter,
            result: None,
            is_at_counter: false,
            due_on: Some(day(20)),
            promised_on: None,
            counter: "Trung tâm".to_owned(),
            papers: vec!["Bản vẽ".to_owned()],
            answer_by: Some(day(25)),
            amount_vnd: Some(1_500_000),
            pay_by: Some(day(30)),
            today: day(12),
        }
    }

    #[test]
    fn a_citizen_is_told_what_to_do_and_by_when() {
        let step = next_step(&facts(Status::AwaitingSupplement), Language::Vietnamese);
        assert_eq!(step.action, Action::Supplement);
        assert_eq!(step.by, NaiveDate::from_ymd_opt(2026, 10, 25));
        assert!(step.text.contains("25/10/2026: Bản vẽ"), "{}", step.text);
        let step = next_step(&facts(Status::AwaitingPayment), Language::English);
        assert!(step.text.contains("1.500.000 VND by 30/10/2026"), "{}", step.text);
    }

    #[test]
    fn nobody_is_invited_before_the_paper_is_at_the_counter() {
        let mut facts = facts(Status::Finished);
        assert_eq!(next_step(&facts, Language::English).action, Action::Wait);
        facts.is_at_counter = true;
        assert_eq!(next_step(&facts, Language::English).action, Action::Collect);
    }

    #[test]
    fn a_late_dossier_is_not_called_punctual() {
        let mut facts = facts(Status::Processing);
        facts.today = NaiveDate::from_ymd_opt(2026, 10, 21).unwrap();
        assert!(next_step(&facts, Language::English).text.contains("is late"));
        facts.promised_on = NaiveDate::from_ymd_opt(2026, 10, 23);
        assert!(next_step(&facts, Language::English).text.contains("23/10/2026"));
    }

    #[test]
    fn money_is_written_with_dots() {
        assert_eq!([0, 999, 1000, 1_234_567].map(dotted), ["0", "999", "1.000", "1.234.567"]);
    }
}
