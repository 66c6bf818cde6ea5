//! The figures of legs by name, and which legs each one counts.

use crate::domain::words::words;

words! {
    /// A figure of a row: what is counted, and what can be drilled down to.
    pub enum LegCell {
        /// Began in the period.
        Started = "started",
        /// Acknowledged within the working hours set for it.
        AcknowledgedInTime = "acknowledged_in_time",
        /// Acknowledged after them.
        AcknowledgedLate = "acknowledged_late",
        /// Not acknowledged, and not late.
        OpenInTime = "open_in_time",
        /// Not acknowledged, and the time is over.
        OpenLate = "open_late",
        /// Waited for another, and began within the minutes set for it.
        SyncedInTime = "synced_in_time",
        /// Waited for another, and began later.
        SyncedLate = "synced_late",
    }
}

/// The legs that began from `$1` on and before `$2`, of the units `$5` or of all. A leg counts in the unit that has it.
pub(super) const BEGUN: &str = "FROM dossier_legs l JOIN dossiers d ON d.id = l.dossier_id
WHERE l.started_at >= $1 AND l.started_at < $2 AND d.status <> 'voided' AND ($5 IS NULL OR l.unit_id = ANY ($5))";

impl LegCell {
    /// Returns the condition on a leg `l` with its dossier `d`, at the moment `$3` and with `$4` minutes to begin in: counts
    /// and drill-down share it.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Started => "true",
            Self::AcknowledgedInTime => "l.acknowledged_at <= l.acknowledge_by",
            Self::AcknowledgedLate => "l.acknowledged_at > l.acknowledge_by",
            Self::OpenInTime => "l.acknowledged_at IS NULL AND coalesce(d.ended_at, $3) <= l.acknowledge_by",
            Self::OpenLate => "l.acknowledged_at IS NULL AND coalesce(d.ended_at, $3) > l.acknowledge_by",
            Self::SyncedInTime => "l.started_at <= l.ready_at + make_interval(mins => $4)",
            Self::SyncedLate => "l.started_at > l.ready_at + make_interval(mins => $4)",
        }
    }
}
