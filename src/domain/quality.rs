//! The index of service quality for citizens and enterprises (Bộ chỉ số, QĐ 766/QĐ-TTg): its groups and sub-indicators,
//! what each is worth, and how a share becomes a score.
//!
//! A score is `max × min(1, share ÷ threshold)`, rounded half up to two decimals, as the national portal computes it. What
//! the house has no data for is named with the reason; it is neither 0 nor full marks.

use super::words::words;

words! {
    /// A group of the index, 100 points together.
    pub enum QualityGroup {
        /// Công khai, minh bạch.
        Openness = "openness",
        /// Tiến độ giải quyết.
        Progress = "progress",
        /// Dịch vụ công trực tuyến.
        OnlineService = "online_service",
        /// Thanh toán trực tuyến.
        OnlinePayment = "online_payment",
        /// Số hóa hồ sơ.
        Digitisation = "digitisation",
        /// Mức độ hài lòng.
        Satisfaction = "satisfaction",
    }
}

impl QualityGroup {
    /// The code of the national portal.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Openness => "CKMB",
            Self::Progress => "TDGQ",
            Self::OnlineService => "CLGQ",
            Self::OnlinePayment => "TTTT",
            Self::Digitisation => "MDSH",
            Self::Satisfaction => "MDHL",
        }
    }

    /// What it is called in the decision.
    #[must_use]
    pub const fn vi(self) -> &'static str {
        match self {
            Self::Openness => "Công khai, minh bạch",
            Self::Progress => "Tiến độ giải quyết",
            Self::OnlineService => "Dịch vụ công trực tuyến",
            Self::OnlinePayment => "Thanh toán trực tuyến",
            Self::Digitisation => "Số hóa hồ sơ",
            Self::Satisfaction => "Mức độ hài lòng",
        }
    }

    /// Says it in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::Openness => "Openness",
            Self::Progress => "Progress of resolution",
            Self::OnlineService => "Online services",
            Self::OnlinePayment => "Online payment",
            Self::Digitisation => "Digitisation of dossiers",
            Self::Satisfaction => "Satisfaction",
        }
    }

    /// What the group is worth, in points.
    #[must_use]
    pub const fn most(self) -> u32 {
        match self {
            Self::Openness | Self::Satisfaction => 18,
            Self::Progress => 20,
            Self::OnlineService => 12,
            Self::OnlinePayment => 10,
            Self::Digitisation => 22,
        }
    }
}

words! {
    /// A sub-indicator, by the name of the national portal where it has one.
    pub enum Indicator {
        /// Công bố đúng hạn (1.1).
        PublishOnTime = "publish_on_time",
        /// Công khai đúng hạn (1.2).
        PublicUpdateOnTime = "public_update_on_time",
        /// Nội dung công khai đầy đủ (1.3).
        PublicContentFull = "public_content_full",
        /// Đồng bộ hồ sơ lên Cổng Dịch vụ công quốc gia (1.4).
        DossierSync = "dossier_sync",
        /// Giải quyết đúng hạn (2.1).
        ResolvedOnTime = "resolved_on_time",
        /// Thời gian giải quyết trung bình, theo đơn vị tính của thời hạn (2.2).
        AverageTime = "average_time",
        /// Hồ sơ trực tuyến (3).
        OnlineDossiers = "online_dossiers",
        /// Thủ tục có hồ sơ trực tuyến (3).
        OnlineProcedures = "online_procedures",
        /// Thanh toán trực tuyến: hồ sơ (3.6).
        PaidOnline = "paid_online",
        /// Thanh toán trực tuyến: thủ tục (3.6).
        PaidOnlineProcedures = "paid_online_procedures",
        /// Kết quả điện tử (4.1).
        OriginalResultAvailable = "original_result_available",
        /// Số hóa hồ sơ (4.2).
        Digitised = "so_hoa",
        /// Khai thác, sử dụng lại (4.3).
        ReusedDigitised = "reused_digitized",
        /// Đồng bộ Kho dữ liệu điện tử cá nhân.
        SyncedPersonalStorage = "synced_personal_storage",
        /// Dữ liệu dân cư: hồ sơ (4.5).
        CitizenDataDossiers = "citizen_data_dossiers",
        /// Dữ liệu dân cư: thủ tục.
        CitizenDataFormalities = "citizen_data_formalities",
        /// Chứng thực bản sao điện tử.
        ElectronicCertifiedCopy = "electronic_certified_copy",
        /// Hài lòng trong tiếp nhận, giải quyết hồ sơ (5.4).
        ReceivingSatisfaction = "dossier_receiving_satisfaction",
        /// Xử lý phản ánh, kiến nghị đúng hạn (5.2).
        PetitionOnTime = "petition_processing_on_time",
        /// Hài lòng trong xử lý phản ánh, kiến nghị.
        PetitionSatisfaction = "petition_handling_satisfaction",
    }
}

words! {
    /// Why the house can't score an indicator.
    pub enum NotComputable {
        /// The national portal publishes the procedures.
        PublishedElsewhere = "published_elsewhere",
        /// Dossiers are reported to the national portal by another system.
        SyncedElsewhere = "synced_elsewhere",
        /// Files of papers and results are not kept here.
        NoFiles = "no_files",
        /// Which accounts and data a dossier was filled from is not recorded.
        NoCitizenData = "no_citizen_data",
        /// Payments are recorded without the way in which they were made.
        NoPaymentWay = "no_payment_way",
        /// How the points of the group are split is not published.
        SplitUnknown = "split_unknown",
        /// The same, and which procedures are offered online is not recorded.
        OnlineOfferUnknown = "online_offer_unknown",
        /// An average, to which no points are given.
        NoPoints = "no_points",
        /// Petitions are kept in another system.
        NoPetitions = "no_petitions",
    }
}

impl NotComputable {
    /// Says it in Vietnamese.
    #[must_use]
    pub const fn vi(self) -> &'static str {
        match self {
            Self::PublishedElsewhere => "Việc công bố, công khai thủ tục thực hiện trên Cổng Dịch vụ công quốc gia",
            Self::SyncedElsewhere => "Số hồ sơ đồng bộ do hệ thống khác báo lên Cổng Dịch vụ công quốc gia",
            Self::NoFiles => "Hệ thống không lưu tệp thành phần hồ sơ và kết quả điện tử",
            Self::NoCitizenData => "Không ghi nhận tài khoản định danh và dữ liệu dân cư được dùng lại",
            Self::NoPaymentWay => "Không ghi nhận hình thức thanh toán",
            Self::SplitUnknown => {
                "Cách chia điểm trong nhóm chưa được công bố, và hồ sơ trực tuyến chỉ tính khi có kết quả điện tử"
            }
            Self::OnlineOfferUnknown => {
                "Cách chia điểm trong nhóm chưa được công bố, và danh mục không ghi thủ tục nào được cung cấp trực tuyến"
            }
            Self::NoPoints => "Số trung bình không quy ra điểm; 20 điểm của nhóm là của tỷ lệ giải quyết đúng hạn",
            Self::NoPetitions => "Phản ánh, kiến nghị được quản lý ở hệ thống khác",
        }
    }

    /// Says it in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::PublishedElsewhere => "Procedures are decided on and published on the national portal",
            Self::SyncedElsewhere => "Another system reports dossiers to the national portal",
            Self::NoFiles => "Files of papers and electronic results are not kept here",
            Self::NoCitizenData => "Which identified accounts and population data were used is not recorded",
            Self::NoPaymentWay => "The way in which a payment was made is not recorded",
            Self::SplitUnknown => {
                "How the points of the group are split is not published, and an online dossier counts only with an electronic result"
            }
            Self::OnlineOfferUnknown => {
                "How the points of the group are split is not published, and the catalogue does not say which procedures are offered online"
            }
            Self::NoPoints => "An average scores no points: all 20 of the group are those of the on-time share",
            Self::NoPetitions => "Petitions are kept in another system",
        }
    }
}

/// What an indicator is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Worth {
    /// Its group.
    pub group: QualityGroup,
    /// The most that it can score, in points; `None` where that is not published.
    pub max: Option<u32>,
    /// The share that scores the most, in percent; `None` where that is not published, or there is no share.
    pub threshold: Option<u32>,
    /// Why it can't be scored here; `None` where it can.
    pub lacks: Option<NotComputable>,
}

impl Indicator {
    /// Returns what it is called in Vietnamese.
    #[must_use]
    pub const fn vi(self) -> &'static str {
        match self {
            Self::PublishOnTime => "Công bố thủ tục hành chính đúng hạn",
            Self::PublicUpdateOnTime => "Công khai, cập nhật thủ tục hành chính đúng hạn",
            Self::PublicContentFull => "Nội dung công khai thủ tục hành chính đầy đủ",
            Self::DossierSync => "Hồ sơ đồng bộ lên Cổng Dịch vụ công quốc gia",
            Self::ResolvedOnTime => "Hồ sơ giải quyết đúng hạn",
            Self::AverageTime => "Thời gian giải quyết trung bình",
            Self::OnlineDossiers => "Hồ sơ nộp trực tuyến",
            Self::OnlineProcedures => "Thủ tục hành chính có hồ sơ nộp trực tuyến",
            Self::PaidOnline => "Hồ sơ thanh toán trực tuyến",
            Self::PaidOnlineProcedures => "Thủ tục hành chính có giao dịch thanh toán trực tuyến",
            Self::OriginalResultAvailable => "Hồ sơ được cấp kết quả điện tử",
            Self::Digitised => "Hồ sơ được số hóa thành phần và kết quả",
            Self::ReusedDigitised => "Khai thác, sử dụng lại thông tin, dữ liệu đã số hóa",
            Self::SyncedPersonalStorage => "Đồng bộ với Kho quản lý dữ liệu điện tử của tổ chức, cá nhân",
            Self::CitizenDataDossiers => "Hồ sơ khai thác dữ liệu dân cư",
            Self::CitizenDataFormalities => "Thủ tục hành chính khai thác dữ liệu dân cư",
            Self::ElectronicCertifiedCopy => "Chứng thực bản sao điện tử từ bản chính",
            Self::ReceivingSatisfaction => "Hài lòng trong tiếp nhận, giải quyết hồ sơ",
            Self::PetitionOnTime => "Phản ánh, kiến nghị được xử lý đúng hạn",
            Self::PetitionSatisfaction => "Hài lòng trong xử lý phản ánh, kiến nghị",
        }
    }

    /// Returns what it is called in English.
    #[must_use]
    pub const fn en(self) -> &'static str {
        match self {
            Self::PublishOnTime => "Procedures decided on in time",
            Self::PublicUpdateOnTime => "Procedures published and brought up to date in time",
            Self::PublicContentFull => "Published procedures with their full content",
            Self::DossierSync => "Dossiers reported to the national portal",
            Self::ResolvedOnTime => "Dossiers resolved on time",
            Self::AverageTime => "Average time of resolution",
            Self::OnlineDossiers => "Dossiers filed online",
            Self::OnlineProcedures => "Procedures with dossiers filed online",
            Self::PaidOnline => "Dossiers paid for online",
            Self::PaidOnlineProcedures => "Procedures with payments made online",
            Self::OriginalResultAvailable => "Dossiers with an electronic result",
            Self::Digitised => "Dossiers whose papers and result are digitised",
            Self::ReusedDigitised => "Digitised information and data used again",
            Self::SyncedPersonalStorage => "In step with the stores of electronic data of organisations and citizens",
            Self::CitizenDataDossiers => "Dossiers that use population data",
            Self::CitizenDataFormalities => "Procedures that use population data",
            Self::ElectronicCertifiedCopy => "Electronic copies certified from the original",
            Self::ReceivingSatisfaction => "Satisfaction with how dossiers are received and resolved",
            Self::PetitionOnTime => "Petitions handled in time",
            Self::PetitionSatisfaction => "Satisfaction with how petitions are handled",
        }
    }

    /// Returns what it is worth, as the national portal scores since 2022.
    #[must_use]
    pub const fn worth(self) -> Worth {
        use NotComputable::{
            NoCitizenData, NoFiles, NoPaymentWay, NoPetitions, NoPoints, OnlineOfferUnknown, PublishedElsewhere,
            SplitUnknown, SyncedElsewhere,
        };
        use QualityGroup::{Digitisation, OnlinePayment, OnlineService, Openness, Progress, Satisfaction};
        let (group, max, threshold, lacks) = match self {
            Self::PublishOnTime => (Openness, Some(6), Some(100), Some(PublishedElsewhere)),
            Self::PublicUpdateOnTime => (Openness, Some(4), Some(100), Some(PublishedElsewhere)),
            Self::PublicContentFull => (Openness, Some(2), Some(100), Some(PublishedElsewhere)),
            Self::DossierSync => (Openness, Some(6), Some(100), Some(SyncedElsewhere)),
            Self::ResolvedOnTime => (Progress, Some(20), Some(100), None),
            Self::AverageTime => (Progress, None, None, Some(NoPoints)),
            Self::OnlineDossiers => (OnlineService, None, Some(50), Some(SplitUnknown)),
            Self::OnlineProcedures => (OnlineService, None, Some(80), Some(OnlineOfferUnknown)),
            Self::PaidOnline => (OnlinePayment, None, Some(100), Some(NoPaymentWay)),
            Self::PaidOnlineProcedures => (OnlinePayment, None, None, Some(NoPaymentWay)),
            Self::OriginalResultAvailable => (Digitisation, Some(6), Some(100), Some(NoFiles)),
            Self::Digitised => (Digitisation, Some(4), Some(100), Some(NoFiles)),
            Self::ReusedDigitised => (Digitisation, Some(2), Some(80), Some(NoFiles)),
            Self::SyncedPersonalStorage => (Digitisation, Some(4), Some(100), Some(NoFiles)),
            Self::CitizenDataDossiers | Self::CitizenDataFormalities => {
                (Digitisation, Some(2), Some(100), Some(NoCitizenData))
            }
            Self::ElectronicCertifiedCopy => (Digitisation, Some(2), Some(100), Some(NoFiles)),
            Self::ReceivingSatisfaction => (Satisfaction, Some(6), Some(90), None),
            Self::PetitionOnTime | Self::PetitionSatisfaction => (Satisfaction, Some(6), Some(90), Some(NoPetitions)),
        };
        Worth { group, max, threshold, lacks }
    }
}

/// Returns the score of a share in hundredths of a point: `max × min(1, share ÷ threshold)`, rounded half up.
///
/// `None` without a whole: then there is nothing to score. `max` is in points, `threshold` in percent.
#[must_use]
pub fn score(max: u32, threshold: u32, (numerator, denominator): (i64, i64)) -> Option<u32> {
    if denominator <= 0 || numerator < 0 || threshold == 0 {
        return None;
    }
    let full = i128::from(max) * 100;
    let whole = i128::from(denominator) * i128::from(threshold);
    let scored = (full * i128::from(numerator) * 100 * 2 + whole) / (whole * 2);
    u32::try_from(scored.min(full)).ok()
}

/// Writes hundredths of a point as a number with two decimals: `19.97`.
#[must_use]
pub fn points(hundredths: u32) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Figures of the national portal, read on 10 October 2026.
    #[test]
    fn scores_are_those_of_the_national_portal() {
        for (max, threshold, share, expected) in [
            (20, 100, (653, 654), "19.97"),
            (20, 100, (283, 330), "17.15"),
            (6, 100, (1, 47), "0.13"),
            (6, 100, (610, 654), "5.60"),
            (4, 100, (200, 741), "1.08"),
            (2, 80, (636, 654), "2.00"),
            (2, 80, (20, 741), "0.07"),
            (6, 90, (653, 654), "6.00"),
            (6, 90, (283, 330), "5.72"),
        ] {
            assert_eq!(score(max, threshold, share).map(points).as_deref(), Some(expected), "{share:?} of {max}");
        }
    }

    /// QĐ 766/QĐ-TTg: full marks at half of the dossiers and at four of five procedures.
    #[test]
    fn online_dossiers_and_procedures_have_thresholds_of_their_own() {
        let threshold = |indicator: Indicator| indicator.worth().threshold;
        assert_eq!([Indicator::OnlineDossiers, Indicator::OnlineProcedures].map(threshold), [Some(50), Some(80)]);
        assert_eq!(threshold(Indicator::AverageTime), None);
    }

    #[test]
    fn nothing_is_scored_without_a_whole() {
        assert_eq!(score(20, 100, (0, 0)), None);
        assert_eq!(score(20, 100, (0, 5)), Some(0));
    }

    #[test]
    fn the_groups_are_a_hundred_points_and_their_parts_no_more_than_they() {
        assert_eq!(QualityGroup::ALL.iter().map(|group| group.most()).sum::<u32>(), 100);
        for group in QualityGroup::ALL {
            let parts = Indicator::ALL.iter().map(|indicator| indicator.worth()).filter(|worth| worth.group == *group);
            let known: Vec<Option<u32>> = parts.map(|worth| worth.max).collect();
            let sum: u32 = known.iter().flatten().sum();
            assert!(sum == group.most() || known.contains(&None), "{group}: {sum}");
        }
    }

    proptest! {
        #[test]
        fn a_score_grows_with_the_share_and_never_passes_the_most(
            max in 1..30_u32, threshold in 1..=100_u32, whole in 1..100_000_i64, part in 0..100_000_i64,
        ) {
            let part = part.min(whole);
            let scored = score(max, threshold, (part, whole)).unwrap();
            prop_assert!(scored <= max * 100);
            prop_assert!(scored <= score(max, threshold, ((part + 1).min(whole), whole)).unwrap());
            prop_assert_eq!(score(max, threshold, (whole, whole)), Some(max * 100));
        }
    }
}
