//! What statuses, purposes and channels are called where people read of them, and what each status means.

use super::{NoticeChannel, NoticeDeed, NoticeStatus, Purpose};

impl Purpose {
    /// Returns what it is called in Vietnamese.
    pub const fn vi(self) -> &'static str {
        match self {
            Self::Registered => "Đã gửi hồ sơ, chờ tiếp nhận",
            Self::Received => "Đã tiếp nhận hồ sơ",
            Self::Supplement => "Yêu cầu bổ sung giấy tờ",
            Self::SupplementReminder => "Nhắc bổ sung giấy tờ",
            Self::Payment => "Thông báo nghĩa vụ tài chính",
            Self::DueChanged => "Ngày hẹn trả mới",
            Self::Apology => "Xin lỗi, hẹn lại ngày trả",
            Self::ResultEarly => "Mời nhận kết quả trước hạn",
            Self::ResultReady => "Mời nhận kết quả",
            Self::ResultRefused => "Không giải quyết, mời nhận văn bản trả lời",
            Self::ResultRecalled => "Thu hồi tin báo có kết quả",
            Self::Corrected => "Đính chính tin đã báo",
            Self::CollectReminder => "Nhắc nhận kết quả",
            Self::Declined => "Không tiếp nhận hồ sơ",
            Self::Withdrawn => "Đã rút hồ sơ",
            Self::Stopped => "Dừng giải quyết hồ sơ",
            Self::Returned => "Đã trả kết quả",
            Self::OneTimeCode => "Mã dùng một lần",
        }
    }
}

impl NoticeChannel {
    /// Returns what it is called in Vietnamese.
    pub const fn vi(self) -> &'static str {
        match self {
            Self::Sms => "Tin nhắn SMS",
            Self::Email => "Thư điện tử",
            Self::Zalo => "Zalo",
            Self::Push => "Thông báo trên ứng dụng",
        }
    }
}

impl NoticeStatus {
    /// Returns what it is called in Vietnamese.
    pub const fn vi(self) -> &'static str {
        match self {
            Self::Standby => "Dự phòng",
            Self::Queued => "Chờ gửi",
            Self::Sending => "Đang gửi",
            Self::InDoubt => "Chưa rõ",
            Self::Sent => "Đã giao cho cổng gửi",
            Self::Delivered => "Đã đến người nhận",
            Self::Failed => "Không gửi được",
            Self::GivenUp => "Đã thôi thử",
            Self::Expired => "Quá hạn gửi",
            Self::Cancelled => "Đã hủy trước khi gửi",
        }
    }

    /// Returns what it proves and what not, in Vietnamese.
    pub const fn explained(self) -> &'static str {
        match self {
            Self::Standby => "Tin dự phòng: chỉ gửi nếu tin trên kênh trước không đến.",
            Self::Queued => "Tin đã được soạn và ghi lại, chưa giao cho cổng gửi.",
            Self::Sending => "Đang giao cho cổng gửi, chưa có câu trả lời.",
            Self::InDoubt => {
                "Mất kết nối hoặc câu trả lời không đọc được: có thể đã gửi, có thể chưa. Không tự gửi lại để tránh gửi hai lần."
            }
            Self::Sent => "Cổng gửi đã nhận tin và cho số tham chiếu; chưa có báo phát rằng tin đã đến máy người nhận.",
            Self::Delivered => {
                "Nhà mạng hoặc máy chủ nhận báo phát: tin đã đến người nhận. Không chứng minh là đã đọc."
            }
            Self::Failed => "Cổng gửi hoặc nhà mạng từ chối hẳn: tin không đến.",
            Self::GivenUp => "Đã thử đủ số lần theo lịch mà không giao được cho cổng gửi.",
            Self::Expired => "Tin không còn ích nếu gửi muộn hơn, nên không gửi nữa.",
            Self::Cancelled => "Được hủy khi chưa ai bắt đầu gửi: người nhận không nhận được tin này.",
        }
    }
}

impl NoticeDeed {
    /// Returns what it is called in Vietnamese.
    pub const fn vi(self) -> &'static str {
        match self {
            Self::Replay => "Gửi lại",
            Self::ReplayOn => "Gửi qua kênh khác",
            Self::Cancel => "Hủy",
            Self::ToldByPhone => "Đã báo qua điện thoại",
        }
    }
}
