//! A dossier's life: its statuses, its verbs, and which verb is lawful in which status.

mod verb;

pub use verb::{Refused, Verb};

use super::words::words;

words! {
    /// Where a dossier stands. The national codes are those of `TrangThaiHoSo` (TT 01/2018/TT-VPCP).
    pub enum Status {
        /// Mới đăng ký: online or posted, not yet accepted.
        Registered = "registered",
        /// Được tiếp nhận: the clock runs.
        Received = "received",
        /// Không được tiếp nhận.
        Declined = "declined",
        /// Đang xử lý.
        Processing = "processing",
        /// Yêu cầu bổ sung: the clock stands.
        AwaitingSupplement = "awaiting_supplement",
        /// Nghĩa vụ tài chính: the clock stands.
        AwaitingPayment = "awaiting_payment",
        /// Công dân rút.
        Withdrawn = "withdrawn",
        /// Tạm dừng, by an order: the clock stands.
        Suspended = "suspended",
        /// Dừng xử lý.
        Stopped = "stopped",
        /// Đã xử lý xong: a grant or a refusal.
        Finished = "finished",
        /// Đã trả kết quả.
        Returned = "returned",
        /// Entered by mistake: counts nowhere.
        Voided = "voided",
    }
}

impl Status {
    /// Returns the national code 1–10; a voided dossier has none.
    pub fn national_code(self) -> Option<u8> {
        match self {
            Self::Registered => Some(1),
            Self::Received => Some(2),
            Self::Declined => Some(3),
            Self::Processing => Some(4),
            Self::AwaitingSupplement => Some(5),
            Self::AwaitingPayment => Some(6),
            Self::Withdrawn => Some(7),
            Self::Suspended | Self::Stopped => Some(8),
            Self::Finished => Some(9),
            Self::Returned => Some(10),
            Self::Voided => None,
        }
    }

    /// Returns what the status is called in Vietnamese.
    pub fn vi(self) -> &'static str {
        match self {
            Self::Registered => "Mới đăng ký",
            Self::Received => "Được tiếp nhận",
            Self::Declined => "Không được tiếp nhận",
            Self::Processing => "Đang xử lý",
            Self::AwaitingSupplement => "Yêu cầu bổ sung giấy tờ",
            Self::AwaitingPayment => "Yêu cầu thực hiện nghĩa vụ tài chính",
            Self::Withdrawn => "Công dân rút hồ sơ",
            Self::Suspended => "Tạm dừng",
            Self::Stopped => "Dừng xử lý",
            Self::Finished => "Đã xử lý xong",
            Self::Returned => "Đã trả kết quả",
            Self::Voided => "Đã hủy (nhập nhầm)",
        }
    }

    /// Whether nothing follows any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Declined | Self::Withdrawn | Self::Stopped | Self::Returned | Self::Voided)
    }

    /// Whether an accepted dossier in this status is still to be resolved.
    pub fn is_open(self) -> bool {
        matches!(
            self,
            Self::Received | Self::Processing | Self::AwaitingSupplement | Self::AwaitingPayment | Self::Suspended
        )
    }

    /// Returns the shelf on which dossiers in this status lie; `dossier_shelf` in the database says the same.
    pub fn shelf(self) -> Shelf {
        match self {
            Self::Finished => Shelf::Finished,
            Self::Returned => Shelf::Returned,
            Self::Declined | Self::Withdrawn | Self::Stopped | Self::Voided => Shelf::Closed,
            Self::Registered
            | Self::Received
            | Self::Processing
            | Self::AwaitingSupplement
            | Self::AwaitingPayment
            | Self::Suspended => Shelf::InHand,
        }
    }

    /// Returns the progress shown to the citizen, 0–100; `None` where the value of before is kept.
    ///
    /// `steps_done` of `steps` is the share of the process that lies behind.
    pub fn progress(self, steps_done: usize, steps: usize) -> Option<i16> {
        match self {
            Self::Registered => Some(0),
            Self::Received => Some(10),
            Self::Processing => {
                let share = (70 * steps_done.min(steps)).checked_div(steps).unwrap_or(0);
                i16::try_from(20 + share).ok()
            }
            Self::Finished => Some(95),
            Self::AwaitingSupplement | Self::AwaitingPayment | Self::Suspended => None,
            Self::Declined | Self::Withdrawn | Self::Stopped | Self::Returned | Self::Voided => Some(100),
        }
    }
}

words! {
    /// Why the clock stands.
    pub enum PauseKind {
        /// Papers are missing.
        Supplement = "supplement",
        /// Money is owed.
        Payment = "payment",
        /// Another agency's time, excluded by the procedure.
        External = "external",
        /// An order.
        Suspension = "suspension",
    }
}

words! {
    /// What the result says.
    pub enum Outcome {
        /// What was asked for is granted.
        Granted = "granted",
        /// Refused within the term: a result too (NĐ 61/2018 Đ19.8).
        Refused = "refused",
    }
}

words! {
    /// How the result reaches the applicant.
    pub enum ResultDelivery {
        /// Collected.
        Counter = "counter",
        /// Posted.
        Postal = "postal",
        /// Electronic.
        Online = "online",
    }
}

words! {
    /// Where lists look for a dossier: what few are of is not looked for among the many that were returned.
    pub enum Shelf {
        /// Something is still to be done.
        InHand = "in_hand",
        /// The result waits to be handed out.
        Finished = "finished",
        /// It was: by far the most.
        Returned = "returned",
        /// It came to no result, or counts nowhere.
        Closed = "closed",
    }
}

words! {
    /// What a unit has to do with a dossier.
    pub enum UnitRelation {
        /// Its counter took it in.
        Received = "received",
        /// It resolves it.
        Resolves = "resolves",
        /// It holds or held a step.
        Step = "step",
        /// It holds or held a leg.
        Leg = "leg",
        /// It was asked.
        Consulted = "consulted",
        /// It took over from a unit that had to do with it.
        Successor = "successor",
        /// It was to resolve it, by mistake.
        Formerly = "formerly",
    }
}

words! {
    /// What a paper is.
    pub enum PaperKind {
        /// Bản chính.
        Original = "original",
        /// Bản chứng thực.
        Certified = "certified",
        /// Bản sao.
        Copy = "copy",
        /// Bản điện tử.
        Electronic = "electronic",
    }
}

words! {
    /// Where a paper is in a dossier.
    pub enum PaperState {
        /// Came with the dossier.
        HandedIn = "handed_in",
        /// Asked for and not here yet.
        Asked = "asked",
        /// Asked for and come.
        Supplied = "supplied",
    }
}

words! {
    /// What becomes of the originals that the office holds as it hands the result over.
    pub enum AtHandOver {
        /// They go with the result, to the same person.
        GivenBack = "given_back",
        /// They stay, and are given back later.
        Kept = "kept",
    }
}

words! {
    /// How a hop of the process ended.
    pub enum StepOutcome {
        /// Handed on.
        Advanced = "advanced",
        /// Handed back.
        SentBack = "sent_back",
        /// The dossier finished without it.
        Skipped = "skipped",
        /// The dossier finished in it.
        Finished = "finished",
        /// The dossier ended otherwise in it.
        Ended = "ended",
        /// The result made in it was taken back.
        Recalled = "recalled",
        /// Given to somebody else; the step goes on.
        Reassigned = "reassigned",
    }
}

words! {
    /// How a dossier got a second promise; there is at most one (NĐ 61/2018 Đ19.9).
    pub enum ReschedulingKind {
        /// Before the due date.
        Extend = "extend",
        /// On or after it.
        Apologise = "apologise",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_final_can_only_be_voided_or_undone() {
        for status in Status::ALL.iter().copied().filter(|status| status.is_final()) {
            let lawful = Refused { verb: Verb::Void, status }.lawful_now();
            let allowed: &[Verb] = match status {
                Status::Voided => &[Verb::GiveBack],
                // The receipt of a result may still be put right.
                Status::Returned => &[Verb::GiveBack, Verb::Void, Verb::Undo, Verb::Correct],
                _ => &[Verb::GiveBack, Verb::Void, Verb::Undo],
            };
            assert_eq!(lawful, allowed, "{status}");
        }
    }

    #[test]
    fn progress_never_falls_along_the_main_road() {
        let road = [
            Status::Registered.progress(0, 5),
            Status::Received.progress(0, 5),
            Status::Processing.progress(0, 5),
            Status::Processing.progress(4, 5),
            Status::Processing.progress(5, 5),
            Status::Finished.progress(5, 5),
            Status::Returned.progress(5, 5),
        ];
        assert_eq!(road.map(Option::unwrap), [0, 10, 20, 76, 90, 95, 100]);
        assert_eq!(Status::Processing.progress(0, 0), Some(20));
    }
}
