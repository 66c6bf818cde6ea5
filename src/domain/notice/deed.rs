//! What operators do with notices that did not arrive, and why a notice is dead.

use super::NoticeStatus;
use crate::domain::words::words;

words! {
    /// What an operator does with a notice.
    pub enum NoticeDeed {
        /// Sends it again, under its own number: a gateway that has it already sends it no second time.
        Replay = "replay",
        /// Sends it on another channel, as a notice of its own.
        ReplayOn = "replay_on",
        /// Calls it back before anybody has begun to send it.
        Cancel = "cancel",
        /// Notes that the person was called up and told.
        ToldByPhone = "told_by_phone",
    }
}

words! {
    /// How an operator saw to it that who should know knows.
    pub enum Settled {
        /// The person was called up.
        ToldByPhone = "told_by_phone",
        /// It went out on another channel.
        OtherChannel = "other_channel",
    }
}

words! {
    /// Why a notice is dead: it is over, nobody has it for sure, and somebody can do something about it.
    pub enum DeadReason {
        /// Tried as often as is sensible.
        GivenUp = "given_up",
        /// Too late to be of use.
        Expired = "expired",
        /// Nobody knows, and no receipt came.
        InDoubt = "in_doubt",
        /// The gateway knows us no more, or we have no money there.
        Account = "account",
        /// The gateway does not take the words.
        Content = "content",
        /// The gateway does not take the number or address.
        Recipient = "recipient",
        /// The gateway does not take it, and does not say of what it is.
        Refused = "refused",
        /// A receipt said that it will never get there.
        Receipt = "receipt",
        /// The settings have no gateway that takes it.
        NoGateway = "no_gateway",
    }
}

words! {
    /// Why a number or address gets no messages.
    pub enum SuppressionReason {
        /// It is somebody else's.
        WrongPerson = "wrong_person",
        /// Who has it asked for that.
        Asked = "asked",
        /// Nothing ever arrives there.
        Unreachable = "unreachable",
    }
}

impl NoticeDeed {
    /// Whether the deed can be done to a notice that stands so. What has arrived, or is with the gateway, is left alone.
    pub fn is_for(self, status: NoticeStatus) -> bool {
        match self {
            Self::Replay | Self::ReplayOn => status.may_be_resent(),
            Self::Cancel => status == NoticeStatus::Queued,
            Self::ToldByPhone => status.may_be_resent() || status == NoticeStatus::Cancelled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_done_to_what_has_arrived_or_is_on_its_way() {
        for status in [NoticeStatus::Standby, NoticeStatus::Sending, NoticeStatus::Sent, NoticeStatus::Delivered] {
            assert!(NoticeDeed::ALL.iter().all(|deed| !deed.is_for(status)), "{status}");
        }
    }
}
