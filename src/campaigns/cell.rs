//! The figures of the campaign by name, and which invitations each one counts.

use diesel::prelude::QueryableByName;
use diesel::sql_types::BigInt;
use serde::Serialize;

use crate::domain::words::words;

words! {
    /// A figure of a row: what is counted, and what can be drilled down to.
    pub enum CampaignCell {
        /// Invited; the sum of reached and not reached.
        Invited = "invited",
        /// Reached: the sum of the next three.
        Reached = "reached",
        /// A phone or mail server has it, as a receipt says.
        Delivered = "delivered",
        /// Called up by somebody.
        ToldByPhone = "told_by_phone",
        /// A gateway took it; no receipt came.
        HandedOver = "handed_over",
        /// Not reached: the sum of the next six.
        NotReached = "not_reached",
        /// Waits to be sent.
        Waiting = "waiting",
        /// Nobody knows whether it went out.
        InDoubt = "in_doubt",
        /// Refused for good.
        Failed = "failed",
        /// Tried as often as is sensible.
        GivenUp = "given_up",
        /// Too late to be of use.
        Expired = "expired",
        /// Called back before it went out: most came before.
        Cancelled = "cancelled",
        /// The result was handed over.
        Came = "came",
        /// On the day of the invitation or the next working day.
        CameWithin1 = "came_within_1",
        /// Within three working days.
        CameWithin3 = "came_within_3",
        /// Within five working days.
        CameWithin5 = "came_within_5",
        /// The result still waits.
        NotCome = "not_come",
        /// The result was taken back.
        TakenBack = "taken_back",
        /// Reminded that the result waits.
        Reminded = "reminded",
    }
}

impl CampaignCell {
    /// Returns the condition on a classified invitation (see `invited`): counts and drill-down share it.
    pub(super) const fn condition(self) -> &'static str {
        match self {
            Self::Invited => "true",
            Self::Reached => "fate IN ('delivered', 'told_by_phone', 'handed_over')",
            Self::Delivered => "fate = 'delivered'",
            Self::ToldByPhone => "fate = 'told_by_phone'",
            Self::HandedOver => "fate = 'handed_over'",
            Self::NotReached => "fate NOT IN ('delivered', 'told_by_phone', 'handed_over')",
            Self::Waiting => "fate = 'waiting'",
            Self::InDoubt => "fate = 'in_doubt'",
            Self::Failed => "fate = 'failed'",
            Self::GivenUp => "fate = 'given_up'",
            Self::Expired => "fate = 'expired'",
            Self::Cancelled => "fate = 'cancelled'",
            Self::Came => "returned_at IS NOT NULL",
            Self::CameWithin1 => "coalesce(wait_days <= 1, false)",
            Self::CameWithin3 => "coalesce(wait_days <= 3, false)",
            Self::CameWithin5 => "coalesce(wait_days <= 5, false)",
            Self::NotCome => "(returned_at IS NULL AND NOT taken_back)",
            Self::TakenBack => "taken_back",
            Self::Reminded => "reminders > 0",
        }
    }

    /// Returns what it is called in Vietnamese.
    pub(super) const fn vi(self) -> &'static str {
        match self {
            Self::Invited => "Đã mời",
            Self::Reached => "Báo được",
            Self::Delivered => "Đã đến người nhận",
            Self::ToldByPhone => "Đã gọi điện",
            Self::HandedOver => "Cổng gửi đã nhận",
            Self::NotReached => "Chưa báo được",
            Self::Waiting => "Chờ gửi",
            Self::InDoubt => "Chưa rõ",
            Self::Failed => "Không gửi được",
            Self::GivenUp => "Đã thôi thử",
            Self::Expired => "Quá hạn gửi",
            Self::Cancelled => "Đã hủy",
            Self::Came => "Đã nhận kết quả",
            Self::CameWithin1 => "Nhận trong 1 ngày làm việc",
            Self::CameWithin3 => "Nhận trong 3 ngày làm việc",
            Self::CameWithin5 => "Nhận trong 5 ngày làm việc",
            Self::NotCome => "Chưa đến nhận",
            Self::TakenBack => "Kết quả bị thu hồi",
            Self::Reminded => "Đã nhắc",
        }
    }
}

/// What became of the invitations of a row. `invited` is `reached` and `not_reached`, and also `came`, `not_come` and
/// `taken_back`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, QueryableByName, utoipa::ToSchema)]
pub struct CampaignCounts {
    /// Invited; the sum of reached and not reached.
    #[diesel(sql_type = BigInt)]
    pub(super) invited: i64,
    /// Reached: the sum of the next three.
    #[diesel(sql_type = BigInt)]
    pub(super) reached: i64,
    /// A phone or mail server has it, as a receipt says.
    #[diesel(sql_type = BigInt)]
    pub(super) delivered: i64,
    /// Called up by somebody.
    #[diesel(sql_type = BigInt)]
    pub(super) told_by_phone: i64,
    /// A gateway took it; no receipt came.
    #[diesel(sql_type = BigInt)]
    pub(super) handed_over: i64,
    /// Not reached: the sum of the next six.
    #[diesel(sql_type = BigInt)]
    pub(super) not_reached: i64,
    /// Waits to be sent.
    #[diesel(sql_type = BigInt)]
    pub(super) waiting: i64,
    /// Nobody knows whether it went out.
    #[diesel(sql_type = BigInt)]
    pub(super) in_doubt: i64,
    /// Refused for good.
    #[diesel(sql_type = BigInt)]
    pub(super) failed: i64,
    /// Tried as often as is sensible.
    #[diesel(sql_type = BigInt)]
    pub(super) given_up: i64,
    /// Too late to be of use.
    #[diesel(sql_type = BigInt)]
    pub(super) expired: i64,
    /// Called back before it went out: most came before.
    #[diesel(sql_type = BigInt)]
    pub(super) cancelled: i64,
    /// The result was handed over.
    #[diesel(sql_type = BigInt)]
    pub(super) came: i64,
    /// On the day of the invitation or the next working day.
    #[diesel(sql_type = BigInt)]
    pub(super) came_within_1: i64,
    /// Within three working days.
    #[diesel(sql_type = BigInt)]
    pub(super) came_within_3: i64,
    /// Within five working days.
    #[diesel(sql_type = BigInt)]
    pub(super) came_within_5: i64,
    /// The result still waits.
    #[diesel(sql_type = BigInt)]
    pub(super) not_come: i64,
    /// The result was taken back.
    #[diesel(sql_type = BigInt)]
    pub(super) taken_back: i64,
    /// Reminded that the result waits.
    #[diesel(sql_type = BigInt)]
    pub(super) reminded: i64,
}

impl CampaignCounts {
    /// Whether the parts make up the whole.
    pub(super) fn add_up(&self) -> bool {
        let reached = self.delivered + self.told_by_phone + self.handed_over;
        let under_way = self.waiting + self.in_doubt;
        let not_reached = under_way + self.failed + self.given_up + self.expired + self.cancelled;
        let parts = [reached == self.reached, not_reached == self.not_reached];
        parts == [true; 2]
            && self.invited == reached + not_reached
            && self.invited == self.came + self.not_come + self.taken_back
    }

    /// Returns the count of a figure.
    pub(super) fn of(&self, cell: CampaignCell) -> i64 {
        match cell {
            CampaignCell::Invited => self.invited,
            CampaignCell::Reached => self.reached,
            CampaignCell::Delivered => self.delivered,
            CampaignCell::ToldByPhone => self.told_by_phone,
            CampaignCell::HandedOver => self.handed_over,
            CampaignCell::NotReached => self.not_reached,
            CampaignCell::Waiting => self.waiting,
            CampaignCell::InDoubt => self.in_doubt,
            CampaignCell::Failed => self.failed,
            CampaignCell::GivenUp => self.given_up,
            CampaignCell::Expired => self.expired,
            CampaignCell::Cancelled => self.cancelled,
            CampaignCell::Came => self.came,
            CampaignCell::CameWithin1 => self.came_within_1,
            CampaignCell::CameWithin3 => self.came_within_3,
            CampaignCell::CameWithin5 => self.came_within_5,
            CampaignCell::NotCome => self.not_come,
            CampaignCell::TakenBack => self.taken_back,
            CampaignCell::Reminded => self.reminded,
        }
    }
}
