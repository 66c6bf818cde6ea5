//! When would it be due? The same count as for a dossier, for anybody who asks.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::case::Cases;
use crate::domain::calendar::CalendarError;
use crate::domain::catalogue::{Catalogue, Procedure, ProcedureState, Unit};
use crate::domain::deadline::{self, Answer, DeadlineError, Pause, Question};
use crate::domain::period::office_date;
use crate::domain::procedure::{Amount, Area, Channel, ChosenCase, Cutoff, PauseEffect, Term, TermError, TermUnit};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::http::office_time::read_moment;

/// More pauses than any dossier has.
const MOST_PAUSES: usize = 100;

/// What a preview takes: a procedure, or a term.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreviewBody {
    /// The moment of acceptance, RFC 3339 with any offset.
    #[schema(format = DateTime)]
    received_at: Option<String>,
    /// `direct`, `online` or `postal`.
    channel: Option<String>,
    /// The procedure whose term holds on that day.
    procedure_code: Option<String>,
    /// The unit that resolves it.
    unit_code: Option<String>,
    /// A term of one's own, instead of a procedure.
    term: Option<TermBody>,
    /// Where the matter lies: the code of a unit.
    place_code: Option<String>,
    /// A case of the procedure, or several: a code, or a list of codes and of `{code, amount}`.
    #[schema(value_type = Option<Object>)]
    #[serde(default)]
    case: Cases,
    /// `none`, `at_15_00` or `last_hour`; the procedure's when nothing is said.
    cutoff: Option<String>,
    /// Its pauses, taken as given.
    pauses: Option<Vec<PauseBody>>,
}

/// A term.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TermBody {
    /// A decimal, as a number or a string: `4.75`.
    #[schema(value_type = Option<f64>)]
    amount: Option<Amount>,
    /// `working_hour`, `working_day`, `calendar_day` or `month`.
    unit: Option<String>,
}

/// A pause.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PauseBody {
    /// When it was opened.
    #[schema(format = DateTime)]
    opened_at: Option<String>,
    /// When it was closed; nothing while it is open.
    #[schema(format = DateTime)]
    closed_at: Option<String>,
    /// `restart` or `resume`.
    effect: Option<String>,
}

/// What comes of it.
#[derive(Debug)]
pub struct Previewed {
    /// The term in force.
    pub(super) term: Term,
    /// The cutoff.
    pub(super) cutoff: Cutoff,
    /// The due date with its explanation.
    pub(super) answer: Answer,
}

/// Counts a due date.
///
/// # Errors
/// [`AppError::Invalid`] with every fault; a due date beyond the last year of the calendar is one.
pub fn preview(catalogue: &Catalogue, body: PreviewBody) -> Result<Previewed, AppError> {
    let mut faults = Faults::new();
    let received_at = faults.required("/received_at", body.received_at.as_deref());
    let received_at = received_at.and_then(|text| moment(&mut faults, "/received_at", text));
    let channel = faults.required("/channel", body.channel.as_deref());
    let channel: Option<Channel> = channel.and_then(|word| faults.word("/channel", word));
    let cutoff = body.cutoff.as_deref();
    let cutoff: Option<Cutoff> = cutoff.and_then(|word| faults.word("/cutoff", word));
    let pauses = pauses(&mut faults, body.pauses.unwrap_or_default());
    let asked = Asked {
        catalogue,
        received_at,
        channel,
        area: place(&mut faults, catalogue, body.place_code.as_deref()),
        unit: unit(&mut faults, catalogue, body.unit_code.as_deref()),
        cases: &body.case.0,
    };
    let term = match (&body.procedure_code, &body.term) {
        (Some(code), None) => asked.by_procedure(&mut faults, code),
        (None, Some(term)) => asked.by_term(&mut faults, term),
        _ => {
            faults.add("/procedure_code", either_said());
            None
        }
    };
    let parts = received_at.zip(channel).zip(term).zip(pauses);
    let (((received_at, channel), (term, own_cutoff)), pauses) = faults.finish(parts)?;
    let cutoff = cutoff.unwrap_or(own_cutoff);
    let question = Question { received_at, channel, term, cutoff, pauses: &pauses };
    let answer = deadline::answer(catalogue.calendar(), &question);
    let answer = answer.map_err(|err| refused(&err, &pauses))?;
    Ok(Previewed { term, cutoff, answer })
}

/// What a term depends on.
struct Asked<'a> {
    catalogue: &'a Catalogue,
    received_at: Option<DateTime<Utc>>,
    channel: Option<Channel>,
    area: Area,
    unit: Option<&'a Unit>,
    cases: &'a [ChosenCase],
}

impl<'a> Asked<'a> {
    /// Returns the term and the cutoff of a procedure.
    fn by_procedure(&self, faults: &mut Faults, code: &str) -> Option<(Term, Cutoff)> {
        let procedure = self.procedure(faults, code)?;
        if self.unit.is_some_and(|unit| !procedure.is_resolved_by(unit)) {
            let said = Said::new(
                "not_resolved_here",
                "Cơ quan này không giải quyết thủ tục đó",
                "This unit does not resolve that procedure",
            );
            faults.add("/unit_code", said);
        }
        let rules = procedure.terms.as_ref()?;
        let term = rules.resolve(self.channel?, self.area, self.cases);
        term.map_err(|err| faults.add("/case", term_said(&err))).ok().map(|term| (term, procedure.cutoff))
    }

    fn procedure(&self, faults: &mut Faults, code: &str) -> Option<&'a Procedure> {
        let found = self.catalogue.procedure_on(code, office_date(self.received_at?));
        if found.is_some_and(|found| found.state == ProcedureState::Draft) {
            let said = Said::new(
                "procedure_is_draft",
                "Thủ tục chưa công bố thời hạn giải quyết, chưa thể tiếp nhận",
                "The procedure is a draft without a term and can't be received yet",
            );
            faults.add("/procedure_code", said);
            return None;
        }
        let said = Said::new(
            "unknown_procedure",
            "Không có thủ tục này vào ngày tiếp nhận; xem /api/v1/procedures",
            "There is no such procedure on the day of receipt; see /api/v1/procedures",
        );
        faults.read("/procedure_code", said, found)
    }

    /// Returns a term of one's own, which has no cutoff and no cases.
    fn by_term(&self, faults: &mut Faults, body: &TermBody) -> Option<(Term, Cutoff)> {
        let amount = faults.required("/term/amount", body.amount);
        let unit = faults.required("/term/unit", body.unit.as_deref());
        let unit: Option<TermUnit> = unit.and_then(|word| faults.word("/term/unit", word));
        if let Some(case) = self.cases.first() {
            let code = case.code.clone();
            faults.add("/case", term_said(&TermError::UnknownCase { code }));
        }
        Term::new(amount?, unit?)
            .map_err(|err| faults.add("/term/amount", term_said(&err)))
            .ok()
            .map(|term| (term, Cutoff::None))
    }
}

fn moment(faults: &mut Faults, pointer: &str, text: &str) -> Option<DateTime<Utc>> {
    let said = Said::new(
        "not_a_moment",
        "Cần thời điểm dạng RFC 3339, ví dụ 2026-10-05T09:00:00+07:00",
        "Must be a moment as RFC 3339 writes it, such as 2026-10-05T09:00:00+07:00",
    );
    faults.read(pointer, said, read_moment(text))
}

fn pauses(faults: &mut Faults, bodies: Vec<PauseBody>) -> Option<Vec<Pause>> {
    if bodies.len() > MOST_PAUSES {
        let said = Said::new(
            "too_many_pauses",
            format!("Tối đa {MOST_PAUSES} lần tạm dừng"),
            format!("There may be {MOST_PAUSES} pauses at most"),
        );
        faults.add("/pauses", said);
        return None;
    }
    let read = |(index, body)| pause(faults, index, body);
    // All are read before one that can't be ends the list.
    let read: Vec<_> = bodies.into_iter().enumerate().map(read).collect();
    read.into_iter().collect()
}

fn pause(faults: &mut Faults, index: usize, body: PauseBody) -> Option<Pause> {
    let pointer = |name: &str| format!("/pauses/{index}/{name}");
    let opened_at = faults.required(&pointer("opened_at"), body.opened_at.as_deref());
    let opened_at = opened_at.and_then(|text| moment(faults, &pointer("opened_at"), text));
    let closed_at = match body.closed_at.as_deref() {
        Some(text) => moment(faults, &pointer("closed_at"), text).map(Some),
        None => Some(None),
    };
    let effect = faults.required(&pointer("effect"), body.effect.as_deref());
    let effect: Option<PauseEffect> = effect.and_then(|word| faults.word(&pointer("effect"), word));
    Some(Pause { opened_at: opened_at?, closed_at: closed_at?, effect: effect? })
}

fn place(faults: &mut Faults, catalogue: &Catalogue, code: Option<&str>) -> Area {
    let Some(code) = code else {
        return Area::Ordinary;
    };
    let unit = catalogue.unit_by_code(code);
    match faults.read("/place_code", unknown_unit(), unit) {
        Some(unit) if unit.hard_area => Area::Hard,
        _ => Area::Ordinary,
    }
}

fn unit<'a>(faults: &mut Faults, catalogue: &'a Catalogue, code: Option<&str>) -> Option<&'a Unit> {
    faults.read("/unit_code", unknown_unit(), catalogue.unit_by_code(code?))
}

/// Says that no unit has the code.
pub fn unknown_unit() -> Said {
    Said::new(
        "unknown_unit",
        "Không có cơ quan mang mã này; xem /api/v1/units",
        "There is no unit with this code; see /api/v1/units",
    )
}

fn either_said() -> Said {
    Said::new(
        "procedure_or_term",
        "Cần procedure_code hoặc term, và chỉ một trong hai",
        "Give procedure_code or term, and only one of them",
    )
}

fn term_said(err: &TermError) -> Said {
    let en = err.to_string();
    match err {
        TermError::NotAnAmount { text } => {
            let vi = format!("“{text}” không phải là số lượng; ví dụ đúng: 4.75");
            Said::new("not_an_amount", vi, en)
        }
        TermError::WrongAmount { amount, unit, .. } => {
            let vi = format!(
                "Không có thời hạn {amount} {unit}: ngày làm việc theo phần tư từ 0 đến 1000, giờ làm việc theo phần \
                 tư từ 0.25 đến 8000, ngày nguyên từ 1 đến 1000, tháng nguyên từ 1 đến 120"
            );
            Said::new("absurd_term", vi, en)
        }
        TermError::CutoffNeedsSameDay => {
            let vi = "Giờ chốt 15:00 chỉ dành cho thời hạn 0 ngày làm việc";
            Said::new("cutoff_needs_same_day", vi, en)
        }
        TermError::UnknownCase { code } => Said::new("unknown_case", format!("Không có trường hợp “{code}”"), en),
        TermError::RepeatedCase { code } => Said::new("repeated_case", format!("Trường hợp “{code}” nêu hai lần"), en),
        TermError::AmountMissing { code } => {
            let vi = format!("Trường hợp “{code}” cần số lượng lớn hơn 0");
            Said::new("case_amount_missing", vi, en)
        }
        TermError::AmountFixed { code } => {
            let vi = format!("Số lượng của trường hợp “{code}” do thủ tục quy định");
            Said::new("case_amount_fixed", vi, en)
        }
    }
}

fn refused(err: &DeadlineError, pauses: &[Pause]) -> AppError {
    let en = err.to_string();
    let at = |opened_at: &DateTime<Utc>| {
        // The later of two that are opened at the same moment is the one that overlaps.
        let index = pauses.iter().rposition(|pause| pause.opened_at == *opened_at);
        index.map_or("/pauses".to_owned(), |index| format!("/pauses/{index}"))
    };
    match err {
        DeadlineError::Calendar(CalendarError::NotPublished { year }) => AppError::invalid(
            "/received_at",
            Said::new(
                "calendar_not_published",
                format!("Chưa có lịch làm việc năm {year}, nên chưa tính được hạn"),
                format!("There is no calendar of {year} yet, so nothing can be counted in it"),
            ),
        ),
        DeadlineError::OverlappingPauses { opened_at } => {
            let vi = "Các lần tạm dừng không được chồng lên nhau";
            AppError::invalid(&at(opened_at), Said::new("overlapping_pauses", vi, en))
        }
        DeadlineError::ClosedBeforeOpened { opened_at } => {
            let vi = "Lần tạm dừng kết thúc trước khi bắt đầu";
            AppError::invalid(&at(opened_at), Said::new("pause_ends_before", vi, en))
        }
        DeadlineError::Calendar(_) => AppError::internal(err),
    }
}
