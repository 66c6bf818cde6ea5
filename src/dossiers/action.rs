//! The verbs of the API: `POST /dossiers/{code}/actions/{verb}`, each with its own small body.

use diesel::prelude::*;

use super::change::Ask;
use super::model::Dossier;
use super::{
    accept, assign, consult, end, extend, finish, give_back, hand_over, legs, payment, redirect, set_case, step,
    supplement, suspend, undo, void,
};
use crate::approvals::Proposal;
use crate::domain::dossier::Verb;
use crate::error::{AppError, Said};
use crate::http::body::from_json;
use crate::state::Act;

/// A verb with what it was told.
#[expect(missing_docs, reason = "each verb is explained in its file")]
pub enum Action {
    Accept(accept::Accept),
    Decline(accept::Reason),
    Transfer(accept::Note),
    Acknowledge(accept::Note),
    Advance(step::HandOn),
    SendBack(step::SendBack),
    Assign(assign::Assign),
    Redirect(redirect::Redirect),
    SetCase(set_case::SetCase),
    RequestSupplement(supplement::RequestSupplement),
    Supply(supplement::Supply),
    Lapse(accept::Note),
    Consult(consult::Consult),
    ConsultAnswered(accept::Note),
    RequestPayment(payment::Owed),
    PaymentNotice(payment::Owed),
    ConfirmPayment(payment::Paid),
    Suspend(accept::Reason),
    Resume(accept::Note),
    Extend(extend::NewDate),
    Apologise(extend::NewDate),
    Withdraw(accept::Note),
    Stop(accept::Reason),
    Finish(finish::Finish),
    Arrive(hand_over::Arrive),
    Recall(accept::Reason),
    HandOver(hand_over::HandOver),
    GiveBack(give_back::GiveBack),
    /// Needs a second person: only proposed.
    Void(accept::Reason),
    /// The same.
    Undo(accept::Reason),
}

/// What came of an action.
pub enum Done {
    /// The dossier as it stands now.
    Changed(Dossier),
    /// Nothing yet: a second person must confirm.
    Proposed(Dossier, Proposal),
}

impl Action {
    /// Reads a verb of the path.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a word that is no verb here.
    pub fn verb(word: &str) -> Result<Verb, AppError> {
        let known = word.parse().ok();
        known.filter(|verb| !ELSEWHERE.contains(verb)).ok_or_else(no_such_verb)
    }

    /// Reads a verb of the path and its body.
    ///
    /// # Errors
    /// As [`Action::verb`] and [`from_json`].
    pub fn read(word: &str, body: &[u8]) -> Result<Self, AppError> {
        Ok(match Self::verb(word)? {
            Verb::Accept => Self::Accept(from_json(body)?),
            Verb::Decline => Self::Decline(from_json(body)?),
            Verb::Transfer => Self::Transfer(from_json(body)?),
            Verb::Acknowledge => Self::Acknowledge(from_json(body)?),
            Verb::Advance => Self::Advance(from_json(body)?),
            Verb::SendBack => Self::SendBack(from_json(body)?),
            Verb::Assign => Self::Assign(from_json(body)?),
            Verb::Redirect => Self::Redirect(from_json(body)?),
            Verb::SetCase => Self::SetCase(from_json(body)?),
            Verb::RequestSupplement => Self::RequestSupplement(from_json(body)?),
            Verb::Supply => Self::Supply(from_json(body)?),
            Verb::Lapse => Self::Lapse(from_json(body)?),
            Verb::Consult => Self::Consult(from_json(body)?),
            Verb::ConsultAnswered => Self::ConsultAnswered(from_json(body)?),
            Verb::RequestPayment => Self::RequestPayment(from_json(body)?),
            Verb::PaymentNotice => Self::PaymentNotice(from_json(body)?),
            Verb::ConfirmPayment => Self::ConfirmPayment(from_json(body)?),
            Verb::Suspend => Self::Suspend(from_json(body)?),
            Verb::Resume => Self::Resume(from_json(body)?),
            Verb::Extend => Self::Extend(from_json(body)?),
            Verb::Apologise => Self::Apologise(from_json(body)?),
            Verb::Withdraw => Self::Withdraw(from_json(body)?),
            Verb::Stop => Self::Stop(from_json(body)?),
            Verb::Finish => Self::Finish(from_json(body)?),
            Verb::Arrive => Self::Arrive(from_json(body)?),
            Verb::Recall => Self::Recall(from_json(body)?),
            Verb::HandOver => Self::HandOver(from_json(body)?),
            Verb::GiveBack => Self::GiveBack(from_json(body)?),
            Verb::Void => Self::Void(from_json(body)?),
            Verb::Undo => Self::Undo(from_json(body)?),
            Verb::Submit
            | Verb::Receive
            | Verb::Correct
            | Verb::Remind
            | Verb::Mirror
            | Verb::Recalculate
            | Verb::Succeed => {
                return Err(no_such_verb());
            }
        })
    }

    /// Does it.
    ///
    /// # Errors
    /// What the verb returns; then nothing has changed.
    pub fn apply(&self, conn: &mut PgConnection, act: &Act<'_>, ask: &Ask) -> Result<Done, AppError> {
        let dossier = match self {
            Self::Accept(form) => accept::accept(conn, act, ask, form),
            Self::Decline(form) => accept::decline(conn, act, ask, form),
            Self::Transfer(form) => accept::transfer(conn, act, ask, form),
            Self::Acknowledge(form) => legs::acknowledge(conn, act, ask, form),
            Self::Advance(form) => step::advance(conn, act, ask, form),
            Self::SendBack(form) => step::send_back(conn, act, ask, form),
            Self::Assign(form) => assign::assign(conn, act, ask, form),
            Self::Redirect(form) => redirect::redirect(conn, act, ask, form),
            Self::SetCase(form) => set_case::set_case(conn, act, ask, form),
            Self::RequestSupplement(form) => supplement::request(conn, act, ask, form),
            Self::Supply(form) => supplement::supply(conn, act, ask, form),
            Self::Lapse(form) => supplement::lapse(conn, act, ask, form),
            Self::Consult(form) => consult::consult(conn, act, ask, form),
            Self::ConsultAnswered(form) => consult::answered(conn, act, ask, form),
            Self::RequestPayment(form) => payment::request(conn, act, ask, form),
            Self::PaymentNotice(form) => payment::notice(conn, act, ask, form),
            Self::ConfirmPayment(form) => payment::confirm(conn, act, ask, form),
            Self::Suspend(form) => suspend::suspend(conn, act, ask, form),
            Self::Resume(form) => suspend::resume(conn, act, ask, form),
            Self::Extend(form) => extend::extend(conn, act, ask, form),
            Self::Apologise(form) => extend::apologise(conn, act, ask, form),
            Self::Withdraw(form) => end::withdraw(conn, act, ask, form),
            Self::Stop(form) => end::stop(conn, act, ask, form),
            Self::Finish(form) => finish::finish(conn, act, ask, form),
            Self::Arrive(form) => hand_over::arrive(conn, act, ask, form),
            Self::Recall(form) => finish::recall(conn, act, ask, form),
            Self::HandOver(form) => hand_over::hand_over(conn, act, ask, form),
            Self::GiveBack(form) => give_back::give_back(conn, act, ask, form),
            Self::Void(form) => {
                let proposal = Proposal::VoidDossier { code: ask.code.clone(), reason: form.read()? };
                return Ok(Done::Proposed(void::check(conn, act, ask)?, proposal));
            }
            Self::Undo(form) => {
                let proposal = Proposal::UndoEnd { code: ask.code.clone(), reason: form.read()? };
                return Ok(Done::Proposed(undo::check(conn, act, ask)?, proposal));
            }
        }?;
        Ok(Done::Changed(dossier))
    }
}

/// Verbs that have routes of their own, and what the house does by itself.
const ELSEWHERE: [Verb; 7] =
    [Verb::Submit, Verb::Receive, Verb::Correct, Verb::Remind, Verb::Mirror, Verb::Recalculate, Verb::Succeed];

fn no_such_verb() -> AppError {
    let verbs = Verb::ALL.iter().filter(|verb| !ELSEWHERE.contains(verb));
    let verbs: Vec<_> = verbs.map(|verb| verb.as_str()).collect();
    let verbs = verbs.join(", ");
    AppError::NotFound(Said::new(
        "no_such_verb",
        format!("Không có hành động này; có: {verbs}"),
        format!("There is no such verb; there are: {verbs}"),
    ))
}
