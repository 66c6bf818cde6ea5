//! What is done to a dossier, and what is lawful when.

use super::Status;
use crate::domain::words::words;

words! {
    /// What is done to a dossier.
    pub enum Verb {
        /// Filed online, on the national portal's side.
        Submit = "submit",
        /// Taken in at the counter or from the post.
        Receive = "receive",
        /// A registered dossier is taken in; the clock starts.
        Accept = "accept",
        /// A registered dossier is not taken in.
        Decline = "decline",
        /// Handed to the resolving unit.
        Transfer = "transfer",
        /// A leg is taken up by its unit.
        Acknowledge = "acknowledge",
        /// The next step of the process.
        Advance = "advance",
        /// Back to an earlier step, with a reason.
        SendBack = "send_back",
        /// The step is given to a person.
        Assign = "assign",
        /// It went to the wrong agency, and goes to the right one.
        Redirect = "redirect",
        /// A lawful longer term of the version applies.
        SetCase = "set_case",
        /// Papers are missing.
        RequestSupplement = "request_supplement",
        /// Missing papers come.
        Supply = "supply",
        /// The missing papers did not come in time.
        Lapse = "lapse",
        /// Another agency is asked.
        Consult = "consult",
        /// The other agency has answered.
        ConsultAnswered = "consult_answered",
        /// Money is owed to the state.
        RequestPayment = "request_payment",
        /// The amount owed is known.
        PaymentNotice = "payment_notice",
        /// What was owed is paid.
        ConfirmPayment = "confirm_payment",
        /// An order of a court or agency stops the clock.
        Suspend = "suspend",
        /// The order is lifted.
        Resume = "resume",
        /// A later due date, with an apology before the old one.
        Extend = "extend",
        /// An apology after the due date, with a new promise.
        Apologise = "apologise",
        /// The citizen takes the dossier back.
        Withdraw = "withdraw",
        /// Ended on a legal ground without a result.
        Stop = "stop",
        /// The result is signed.
        Finish = "finish",
        /// The paper result lies at the counter.
        Arrive = "arrive",
        /// A wrong result that was not handed over is taken back.
        Recall = "recall",
        /// The result is handed over.
        HandOver = "hand_over",
        /// Originals that were taken for comparison go back to who brought them.
        GiveBack = "give_back",
        /// Entered by mistake.
        Void = "void",
        /// A wrong end is undone.
        Undo = "undo",
        /// A ministry's own system tells of it.
        Mirror = "mirror",
        /// The citizen is reminded; done by the house.
        Remind = "remind",
        /// Contact or descriptive data is corrected.
        Correct = "correct",
        /// Another calendar came into force, and the due dates with it. Done by the house alone.
        Recalculate = "recalculate",
        /// Its unit has ended, and another follows. Done by the house alone.
        Succeed = "succeed",
    }
}

impl Verb {
    /// What only the house itself does: nobody may ask for it.
    pub const OF_THE_HOUSE: [Self; 3] = [Self::Remind, Self::Recalculate, Self::Succeed];

    /// Returns the statuses in which the verb is lawful when somebody asks for it.
    pub fn lawful_in(self) -> &'static [Status] {
        use Status::{
            AwaitingPayment, AwaitingSupplement, Finished, Processing, Received, Registered, Returned, Suspended,
        };
        match self {
            Self::Submit | Self::Receive | Self::Mirror | Self::Recalculate | Self::Succeed => &[],
            Self::Accept | Self::Decline => &[Registered],
            Self::Transfer | Self::Acknowledge => &[Received],
            Self::SetCase | Self::Redirect => &[Received, Processing],
            Self::Remind => &[AwaitingSupplement, Finished],
            // What is somebody's own goes back whatever became of the dossier.
            Self::GiveBack => Status::ALL,
            Self::Undo => &[Status::Declined, Status::Withdrawn, Status::Stopped, Returned],
            Self::RequestSupplement => &[Registered, Received, Processing],
            Self::Supply | Self::Lapse => &[AwaitingSupplement],
            Self::PaymentNotice | Self::ConfirmPayment => &[AwaitingPayment],
            Self::Suspend => &[Processing, AwaitingSupplement, AwaitingPayment],
            Self::Resume => &[Suspended],
            Self::Withdraw => &[Registered, Received, Processing, AwaitingSupplement, AwaitingPayment, Suspended],
            Self::Stop => &[Processing, AwaitingSupplement, AwaitingPayment, Suspended],
            Self::Arrive | Self::Recall | Self::HandOver => &[Finished],
            Self::Correct => {
                &[Registered, Received, Processing, AwaitingSupplement, AwaitingPayment, Suspended, Finished, Returned]
            }
            Self::Void => &[
                Registered,
                Received,
                Status::Declined,
                Processing,
                AwaitingSupplement,
                AwaitingPayment,
                Status::Withdrawn,
                Suspended,
                Status::Stopped,
                Finished,
                Returned,
            ],
            Self::Advance
            | Self::SendBack
            | Self::Assign
            | Self::Consult
            | Self::ConsultAnswered
            | Self::RequestPayment
            | Self::Extend
            | Self::Apologise
            | Self::Finish => &[Processing],
        }
    }

    /// Checks the verb against the status.
    ///
    /// # Errors
    /// [`Refused`], naming both and what would be lawful.
    pub fn check(self, status: Status) -> Result<(), Refused> {
        if self.lawful_in().contains(&status) { Ok(()) } else { Err(Refused { verb: self, status }) }
    }
}

/// The status forbids the verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{verb} is not lawful while the dossier is {status}")]
pub struct Refused {
    /// What was asked.
    pub verb: Verb,
    /// The status now.
    pub status: Status,
}

impl Refused {
    /// Returns the verbs that would be lawful now.
    pub fn lawful_now(&self) -> Vec<Verb> {
        let asked_for = Verb::ALL.iter().copied().filter(|verb| !Verb::OF_THE_HOUSE.contains(verb));
        asked_for.filter(|verb| verb.lawful_in().contains(&self.status)).collect()
    }
}
