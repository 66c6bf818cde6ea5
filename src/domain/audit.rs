//! What the audit records: which deeds, and of what. Verbs of dossiers have a history of their own.

use std::fmt;

use super::ids::{ApprovalId, CitizenSessionId, KeyId, NoticeId, SealId, SessionId, StaffId, SuppressionId};
use super::words::words;

words! {
    /// A deed that must be provable afterwards.
    pub enum Action {
        /// A session was opened.
        LoggedIn = "logged_in",
        /// A user name and a password opened nothing.
        LogInRefused = "log_in_refused",
        /// A session was ended before its time.
        SessionEnded = "session_ended",
        /// A person changed the own password.
        PasswordChanged = "password_changed",
        /// A person put a second factor into use.
        SecondFactorAdded = "second_factor_added",
        /// A person showed the own second factor after the log-in.
        SecondFactorShown = "second_factor_shown",
        /// A person removed the own second factor.
        SecondFactorRemoved = "second_factor_removed",
        /// The second factor of somebody else was removed.
        SecondFactorReset = "second_factor_reset",
        /// A person got new recovery codes.
        RecoveryCodesMade = "recovery_codes_made",
        /// A one-time code was sent to the phone on file.
        OneTimeCodeSent = "one_time_code_sent",
        /// A citizen came in, by a one-time code or a log-in.
        CitizenLoggedIn = "citizen_logged_in",
        /// A citizen had news pushed to another device.
        CitizenDeviceAdded = "citizen_device_added",
        /// A citizen had no more news pushed to a device.
        CitizenDeviceRemoved = "citizen_device_removed",
        /// An account was made.
        StaffAdded = "staff_added",
        /// An account got another name, role, unit or password, or was disabled or enabled.
        StaffChanged = "staff_changed",
        /// An API key was made.
        KeyAdded = "key_added",
        /// An API key was made that takes another's place.
        KeyRotated = "key_rotated",
        /// An API key was shown from an address that it does not open from.
        KeyRefused = "key_refused",
        /// An API key was revoked.
        KeyRevoked = "key_revoked",
        /// Shipped wordings of notices were brought in.
        TemplatesChanged = "templates_changed",
        /// A wording was written, as a draft.
        TemplateDrafted = "template_drafted",
        /// A second person found a draft right.
        TemplateReviewed = "template_reviewed",
        /// Another version of a wording came into use.
        TemplateActivated = "template_activated",
        /// It was noted under which number a vendor keeps a wording.
        TemplateVendorIdSet = "template_vendor_id_set",
        /// What messages cost was put in or right.
        TariffsChanged = "tariffs_changed",
        /// It was said what a unit may spend for notices in a month.
        BudgetSet = "budget_set",
        /// A unit had spent its budget for notices.
        BudgetSpent = "budget_spent",
        /// What a gateway charged differed from what was estimated.
        BillsDiffer = "bills_differ",
        /// A number or address is to get no notices.
        NoticesSuppressed = "notices_suppressed",
        /// A number or address gets notices again.
        SuppressionLifted = "suppression_lifted",
        /// Units, procedures, processes or the calendar were changed.
        CatalogueImported = "catalogue_imported",
        /// A process got a version that the next dossiers go by.
        ProcessSaved = "process_saved",
        /// A calendar came into force.
        CalendarPublished = "calendar_published",
        /// It was decided that units merge, split or are renamed.
        UnitsReorganised = "units_reorganised",
        /// Dossiers were loaded with their own dates.
        DossiersImported = "dossiers_imported",
        /// A report or register was asked for that the worker makes.
        ExportAsked = "export_asked",
        /// A report was handed out.
        ReportExported = "report_exported",
        /// A period's figures were frozen as they were reported.
        ReportSealed = "report_sealed",
        /// All sending was stopped.
        SendingPaused = "sending_paused",
        /// All sending goes on.
        SendingResumed = "sending_resumed",
        /// A notice was sent again.
        NoticeResent = "notice_resent",
        /// A notice was sent on another channel.
        NoticeSentOtherwise = "notice_sent_otherwise",
        /// A notice was called back before it went out.
        NoticeCancelled = "notice_cancelled",
        /// It was noted that somebody was called up whom a notice did not reach.
        NoticeToldByPhone = "notice_told_by_phone",
        /// Something that needs two people was proposed.
        ApprovalProposed = "approval_proposed",
        /// A second person agreed.
        ApprovalConfirmed = "approval_confirmed",
        /// Somebody said no, or who proposed it took it back.
        ApprovalRejected = "approval_rejected",
        /// Contact or descriptive data of a dossier were put right.
        DossierCorrected = "dossier_corrected",
        /// A dossier entered by mistake stopped counting.
        DossierVoided = "dossier_voided",
        /// A wrong end of a dossier was undone.
        DossierEndUndone = "dossier_end_undone",
        /// Somebody saw whole numbers and addresses that their work does not need every day.
        IdentityUnmasked = "identity_unmasked",
        /// All that is held of one person was handed out.
        PersonExported = "person_exported",
        /// Personal data whose time was over was erased.
        DataErased = "data_erased",
        /// Keys were destroyed, and with them what they had sealed, wherever a copy of it lies.
        DataKeysDestroyed = "data_keys_destroyed",
        /// Keys were wrapped by another master key.
        DataKeysWrapped = "data_keys_wrapped",
        /// The whole database was written into a file.
        BackupMade = "backup_made",
        /// The whole database was brought back from a file.
        BackupRestored = "backup_restored",
    }
}

/// What a deed was done to; written `kind:key`, or the kind alone where there is only one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// An account.
    Staff(StaffId),
    /// An account that there is not.
    UnknownStaff,
    /// A session.
    Session(SessionId),
    /// A citizen's log-in.
    CitizenSession(CitizenSessionId),
    /// An API key.
    Key(KeyId),
    /// A proposal.
    Approval(ApprovalId),
    /// A notice.
    Notice(NoticeId),
    /// All notices that a filter found.
    Notices,
    /// A dossier, by its code.
    Dossier(&'a str),
    /// A report, by the name of its form.
    Report(&'a str),
    /// A sealed report.
    Seal(SealId),
    /// All sending.
    Sending,
    /// The wordings of notices.
    Templates,
    /// A version of a wording, by its name.
    Template(&'a str),
    /// What messages cost.
    Tariffs,
    /// What a unit may spend for notices, by its code.
    Budget(&'a str),
    /// A gateway, by its name.
    Gateway(&'a str),
    /// A line of the suppression list.
    Suppression(SuppressionId),
    /// The catalogue.
    Catalogue,
    /// A process, by its code.
    Process(&'a str),
    /// The calendar of a number.
    Calendar(i32),
    /// A reorganisation of units, by its code.
    Reorganisation(&'a str),
    /// Dossiers of an old system.
    Dossiers,
    /// What is held of people.
    PersonalData,
    /// The keys that seal it.
    DataKeys,
    /// The whole database.
    Database,
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Staff(id) => write!(f, "staff:{id}"),
            Self::UnknownStaff => f.write_str("staff:unknown"),
            Self::Session(id) => write!(f, "session:{id}"),
            Self::CitizenSession(id) => write!(f, "citizen_session:{id}"),
            Self::Key(id) => write!(f, "key:{id}"),
            Self::Approval(id) => write!(f, "approval:{id}"),
            Self::Notice(id) => write!(f, "notice:{id}"),
            Self::Notices => f.write_str("notices"),
            Self::Dossier(code) => write!(f, "dossier:{code}"),
            Self::Report(form) => write!(f, "report:{form}"),
            Self::Seal(id) => write!(f, "seal:{id}"),
            Self::Sending => f.write_str("sending"),
            Self::Templates => f.write_str("templates"),
            Self::Template(name) => write!(f, "template:{name}"),
            Self::Tariffs => f.write_str("tariffs"),
            Self::Budget(unit) => write!(f, "budget:{unit}"),
            Self::Suppression(id) => write!(f, "suppression:{id}"),
            Self::Gateway(name) => write!(f, "gateway:{name}"),
            Self::Catalogue => f.write_str("catalogue"),
            Self::Process(code) => write!(f, "process:{code}"),
            Self::Calendar(number) => write!(f, "calendar:{number}"),
            Self::Reorganisation(code) => write!(f, "reorganisation:{code}"),
            Self::Dossiers => f.write_str("dossiers"),
            Self::PersonalData => f.write_str("personal_data"),
            Self::DataKeys => f.write_str("data_keys"),
            Self::Database => f.write_str("database"),
        }
    }
}
