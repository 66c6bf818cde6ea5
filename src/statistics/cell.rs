//! The cells by name, and which classified dossiers each one counts.

use crate::domain::tally::Cells;
use crate::domain::words::words;

words! {
    /// A cell of a row: what is counted, and what can be drilled down to.
    pub enum Cell {
        /// Column 3.
        Received = "received",
        /// Column 4.
        ReceivedOnline = "received_online",
        /// Column 5.
        ReceivedDirectPostal = "received_direct_postal",
        /// Column 6.
        CarriedOver = "carried_over",
        /// Column 7.
        Resolved = "resolved",
        /// Column 8.
        Early = "early",
        /// Column 9.
        OnTime = "on_time",
        /// Column 10.
        Late = "late",
        /// Column 11.
        Pending = "pending",
        /// Column 12.
        PendingInTime = "pending_in_time",
        /// Column 13.
        PendingOverdue = "pending_overdue",
        /// Of the resolved: withdrawn by the citizen.
        Withdrawn = "withdrawn",
        /// Of the resolved: stopped by the office.
        Stopped = "stopped",
        /// Of the resolved: finished with a refusal.
        Refused = "refused",
        /// Of the on-time: after the first due date, within an extension.
        Apologised = "apologised",
        /// Of the late: after the statutory term too, where a shorter one is pledged.
        LateStatutory = "late_statutory",
        /// Of column 5: at the counter.
        ReceivedDirect = "received_direct",
        /// Of column 5: by post.
        ReceivedPostal = "received_postal",
        /// Of the resolved: with a result, neither withdrawn nor stopped.
        WithResult = "with_result",
        /// Of the late: with a result.
        LateWithResult = "late_with_result",
        /// Of the late: with a letter that apologised.
        LateApologised = "late_apologised",
        /// Of the late: without one.
        LateUnapologised = "late_unapologised",
        /// Of the pending: standing.
        Paused = "paused",
        /// Of the standing: papers are asked for.
        PausedSupplement = "paused_supplement",
        /// Of the standing: a payment is waited for.
        PausedPayment = "paused_payment",
    }
}

impl Cell {
    /// Returns the condition on a classified dossier (see `queries`): counts and drill-down share it.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Received => "(accepted_in OR carried)",
            Self::ReceivedOnline => "(accepted_in AND channel = 'online')",
            Self::ReceivedDirectPostal => "(accepted_in AND channel <> 'online')",
            Self::CarriedOver => "carried",
            Self::Resolved => "ended_in",
            Self::Early => "(ended_in AND standing = 'early')",
            Self::OnTime => "(ended_in AND standing = 'on_time')",
            Self::Late => "(ended_in AND standing = 'late')",
            Self::Pending => "pending",
            Self::PendingInTime => "(pending AND NOT overdue)",
            Self::PendingOverdue => "(pending AND overdue)",
            Self::Withdrawn => "(ended_in AND status = 'withdrawn')",
            Self::Stopped => "(ended_in AND status = 'stopped')",
            Self::Refused => "(ended_in AND status IN ('finished', 'returned') AND result = 'refused')",
            Self::Apologised => "(ended_in AND standing = 'on_time' AND apologised)",
            Self::LateStatutory => "(ended_in AND standing = 'late' AND late_statutory)",
            Self::ReceivedDirect => "(accepted_in AND channel = 'direct')",
            Self::ReceivedPostal => "(accepted_in AND channel = 'postal')",
            Self::WithResult => "(ended_in AND status NOT IN ('withdrawn', 'stopped'))",
            Self::LateWithResult => "(ended_in AND standing = 'late' AND status NOT IN ('withdrawn', 'stopped'))",
            Self::LateApologised => "(ended_in AND standing = 'late' AND promised_anew)",
            Self::LateUnapologised => "(ended_in AND standing = 'late' AND NOT promised_anew)",
            Self::Paused => "(pending AND paused)",
            Self::PausedSupplement => "(pending AND paused AND status_then = 'awaiting_supplement')",
            Self::PausedPayment => "(pending AND paused AND status_then = 'awaiting_payment')",
        }
    }

    /// Returns what the cell holds in a row.
    #[must_use]
    pub const fn of(self, cells: &Cells) -> i64 {
        match self {
            Self::Received => cells.received(),
            Self::ReceivedOnline => cells.received_online,
            Self::ReceivedDirectPostal => cells.received_direct_postal,
            Self::CarriedOver => cells.carried_over,
            Self::Resolved => cells.resolved(),
            Self::Early => cells.early,
            Self::OnTime => cells.on_time,
            Self::Late => cells.late,
            Self::Pending => cells.pending(),
            Self::PendingInTime => cells.pending_in_time,
            Self::PendingOverdue => cells.pending_overdue,
            Self::Withdrawn => cells.withdrawn,
            Self::Stopped => cells.stopped,
            Self::Refused => cells.refused,
            Self::Apologised => cells.apologised,
            Self::LateStatutory => cells.late_statutory,
            Self::ReceivedDirect => cells.received_direct(),
            Self::ReceivedPostal => cells.received_postal,
            Self::WithResult => cells.with_result(),
            Self::LateWithResult => cells.late_with_result,
            Self::LateApologised => cells.late_apologised,
            Self::LateUnapologised => cells.late_unapologised(),
            Self::Paused => cells.paused,
            Self::PausedSupplement => cells.paused_supplement,
            Self::PausedPayment => cells.paused_payment,
        }
    }
}
