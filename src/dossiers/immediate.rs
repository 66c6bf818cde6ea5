//! Procedures whose result is made while the citizen waits: received, finished and handed over in one call
//! (NĐ 61/2018 Đ17.4: no slip is needed, but it is recorded).

use diesel::PgConnection;
use serde::{Deserialize, Serialize};

use super::finish::{self, Finish};
use super::hand_over::HandOver;
use super::model::Dossier;
use super::{deadline, steps};
use crate::domain::dossier::AtHandOver;
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// The result that lies on the table already.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Immediate {
    /// `granted` or `refused`.
    pub result: Option<String>,
    /// Why, when refused.
    pub reason: Option<String>,
    /// The number of the decision.
    pub number: Option<String>,
    /// Who signed it: never who receives.
    pub signer: Option<String>,
    /// To whom it is handed.
    pub to: Option<String>,
}

/// Books the result of a dossier that this call has just taken in, and hands it over.
///
/// # Errors
/// [`AppError::Invalid`] when something is missing, or for a procedure whose term is not that of the same day.
pub(super) fn complete(
    conn: &mut PgConnection,
    act: &Act<'_>,
    dossier: Dossier,
    form: &Immediate,
) -> Result<Dossier, AppError> {
    let mut faults = Faults::new();
    let signer = faults.text("/immediate/signer", 200, form.signer.as_deref());
    let terms = deadline::procedure_of(act, &dossier)?.terms.as_ref();
    let is_immediate = terms.is_some_and(|terms| terms.shortest().least_minutes() <= DAY_MINUTES);
    // What several agencies do is done nowhere while one waits.
    let has_legs = !steps::process_of(act, &dossier)?.legs.is_empty();
    if !is_immediate || has_legs || dossier.accepted_at.is_none() {
        let said = Said::new(
            "not_immediate",
            "Thủ tục này không trả kết quả ngay",
            "This procedure's result is not made while one waits",
        );
        faults.add("/immediate", said);
    }
    let signer = faults.finish(signer)?;
    if signer.trim() == act.by.name.trim() {
        let said = Said::new(
            "who_receives_does_not_sign",
            "Người tiếp nhận không ký kết quả",
            "Who receives a dossier does not sign its result",
        );
        return Err(AppError::invalid("/immediate/signer", said));
    }
    let result = Finish {
        result: form.result.clone(),
        reason: form.reason.clone(),
        number: form.number.clone(),
        signer: Some(signer),
        date: None,
        at_counter: Some(true),
        hand_over: Some(HandOver {
            to: form.to.clone(),
            // Who waited for the result takes the originals along.
            originals: Some(AtHandOver::GivenBack.to_string()),
            ..HandOver::default()
        }),
    };
    finish::at_intake(conn, act, dossier, &result).map_err(|err| err.under("/immediate"))
}

/// A result of the same day or of one working day is made while one waits, or not at all in one call.
const DAY_MINUTES: i64 = 480;
