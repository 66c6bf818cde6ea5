//! The cells by name, and which classified dossiers each one counts.

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
        }
    }
}
