//! Money owed to the state: the clock stands from the request to the proof of payment.

use chrono::NaiveDate;
use diesel::prelude::*;
use serde::Deserialize;
use serde_json::json;

use super::change::{Ask, Change};
use super::deadline;
use super::model::{Dossier, Payment};
use super::pause::{self, NewPause};
use crate::domain::dossier::{PauseKind, Status, Verb};
use crate::domain::ids::PauseId;
use crate::domain::notice::{Facts, Purpose};
use crate::domain::period::office_date;
use crate::domain::procedure::PauseEffect;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::schema::dossier_payments;
use crate::state::Act;

/// What is owed, as far as it is known.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Owed {
    /// The number of the tax office's notice.
    pub notice_number: Option<String>,
    /// In whole VND.
    pub amount_vnd: Option<i64>,
    /// Until when.
    pub pay_by: Option<NaiveDate>,
}

/// The proof of payment.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// The number of the receipt or voucher.
    pub voucher: Option<String>,
}

impl Owed {
    fn read(&self) -> Result<Option<String>, AppError> {
        let mut faults = Faults::new();
        let number = faults.optional_text("/notice_number", 100, self.notice_number.as_deref());
        if self.amount_vnd.is_some_and(|amount| !(0..=1_000_000_000_000_000).contains(&amount)) {
            let said = Said::new("wrong_amount", "Số tiền phải từ 0 đồng trở lên", "The amount is 0 VND or more");
            faults.add("/amount_vnd", said);
        }
        faults.finish(Some(number))
    }

    fn facts(&self) -> Facts {
        Facts { amount_vnd: self.amount_vnd, answer_by: self.pay_by, ..Facts::default() }
    }
}

/// Opens the pause for money; the amount may come later.
pub fn request(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Owed) -> Result<Dossier, AppError> {
    let notice_number = form.read()?;
    let mut change = Change::begin(conn, act, ask, Verb::RequestPayment)?;
    let opened = NewPause {
        kind: PauseKind::Payment,
        effect: PauseEffect::Resume,
        back_to: Status::Processing,
        answer_by: form.pay_by,
        reason: "Nghĩa vụ tài chính".to_owned(),
        replaces: None,
    };
    let pause_id = pause::open(conn, act, &change.dossier, opened)?;
    let row = Payment {
        id: uuid::Uuid::now_v7(),
        dossier_id: change.dossier.id,
        pause_id,
        notice_number,
        amount_vnd: form.amount_vnd,
        pay_by: form.pay_by,
        voucher: None,
        paid_at: None,
    };
    diesel::insert_into(dossier_payments::table).values(&row).execute(conn)?;
    change.dossier.status = Status::AwaitingPayment;
    deadline::recompute(conn, act, &mut change.dossier)?;
    change.details = json!({ "amount_vnd": form.amount_vnd, "pay_by": form.pay_by });
    let recorded = change.record(conn, act)?;
    // Without an amount there is nothing yet that the citizen could do.
    if form.amount_vnd.is_some() {
        recorded.tell(conn, act, Purpose::Payment, form.facts())?;
    }
    Ok(recorded.dossier)
}

/// Books the amount, once it is known, and tells the citizen.
pub fn notice(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Owed) -> Result<Dossier, AppError> {
    let notice_number = form.read()?;
    if form.amount_vnd.is_none() {
        let said = Said::new("required", "Trường này bắt buộc", "This field is required");
        return Err(AppError::invalid("/amount_vnd", said));
    }
    let mut change = Change::begin(conn, act, ask, Verb::PaymentNotice)?;
    let pause = open_payment(conn, &change.dossier)?;
    diesel::update(dossier_payments::table.filter(dossier_payments::pause_id.eq(pause)))
        .set((
            dossier_payments::notice_number.eq(notice_number),
            dossier_payments::amount_vnd.eq(form.amount_vnd),
            dossier_payments::pay_by.eq(form.pay_by),
        ))
        .execute(conn)?;
    change.details = json!({ "amount_vnd": form.amount_vnd, "pay_by": form.pay_by });
    let recorded = change.record(conn, act)?;
    recorded.tell(conn, act, Purpose::Payment, form.facts())?;
    Ok(recorded.dossier)
}

/// Books the payment: the clock runs again.
pub fn confirm(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Paid) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let voucher = faults.optional_text("/voucher", 100, form.voucher.as_deref());
    let voucher = faults.finish(Some(voucher))?;
    let mut change = Change::begin(conn, act, ask, Verb::ConfirmPayment)?;
    let pause = open_payment(conn, &change.dossier)?;
    diesel::update(dossier_payments::table.filter(dossier_payments::pause_id.eq(pause)))
        .set((dossier_payments::voucher.eq(&voucher), dossier_payments::paid_at.eq(act.now)))
        .execute(conn)?;
    let closed = pause::close(conn, act, &change.dossier)?;
    change.dossier.status = closed.back_to;
    deadline::recompute(conn, act, &mut change.dossier)?;
    change.details = json!({ "voucher": voucher, "due_at": change.dossier.due_at });
    let recorded = change.record(conn, act)?;
    let due = recorded.dossier.due_at.map(office_date);
    recorded.tell(conn, act, Purpose::DueChanged, Facts { due, ..Facts::default() })?;
    Ok(recorded.dossier)
}

/// The pause for money; one that replaced it and was lifted again stands for it.
fn open_payment(conn: &mut PgConnection, dossier: &Dossier) -> Result<PauseId, AppError> {
    let last: Option<PauseId> = dossier_payments::table
        .filter(dossier_payments::dossier_id.eq(dossier.id))
        .order(dossier_payments::id.desc())
        .select(dossier_payments::pause_id)
        .first(conn)
        .optional()?;
    last.ok_or_else(|| AppError::internal("awaiting payment without a payment"))
}
