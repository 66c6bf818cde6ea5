//! Who may do what: one table. Which dossiers somebody sees is decided by `dossier_units`, not here.

use super::dossier::Verb;
use super::ids::{KeyId, StaffId, UnitId};
use super::scopes::Scopes;
use super::session::SecondFactor;
use super::words::words;

words! {
    /// A role; one for each account or key.
    pub enum Role {
        /// The national portal's side or another system; only for keys.
        Portal = "portal",
        /// Cán bộ một cửa.
        Clerk = "clerk",
        /// Chuyên viên thụ lý.
        Officer = "officer",
        /// Lãnh đạo phòng.
        DivisionHead = "division_head",
        /// Lãnh đạo cơ quan.
        Leader = "leader",
        /// Văn thư.
        Records = "records",
        /// Chủ tịch, Phó Chủ tịch UBND.
        Chair = "chair",
        /// Lãnh đạo Trung tâm.
        CentreHead = "centre_head",
        /// Kiểm soát TTHC.
        Controller = "controller",
        /// Thanh tra, kiểm tra: changes nothing.
        Auditor = "auditor",
        /// Quản trị.
        Admin = "admin",
    }
}

words! {
    /// What may be done beside the verbs of a dossier.
    pub enum Deed {
        /// See dossiers: which ones is another question.
        ReadDossiers = "read_dossiers",
        /// See whole identity numbers, phones, e-mails and addresses.
        ReadIdentity = "read_identity",
        /// See them in one dossier, on a reason given, without needing them every day.
        UnmaskIdentity = "unmask_identity",
        /// Hand out all that is held of one person.
        ExportPerson = "export_person",
        /// See the dossiers behind figures; the figures themselves are for whoever works here, and for keys with this.
        ReadStatistics = "read_statistics",
        /// See what was sent to whom.
        ReadNotices = "read_notices",
        /// Do something with notices that did not arrive: send them again, call them back, note that somebody was called up.
        ResendNotices = "resend_notices",
        /// Confirm what another wants done with many notices.
        ConfirmNotices = "confirm_notices",
        /// Pause and resume all sending.
        SwitchSending = "switch_sending",
        /// Wordings of notices, tariffs and budgets.
        ManageNotices = "manage_notices",
        /// See what notices cost.
        ReadCosts = "read_costs",
        /// Load dossiers of an old system, with their own dates.
        ImportDossiers = "import_dossiers",
        /// Propose what needs two people.
        Propose = "propose",
        /// Confirm what another has proposed.
        Confirm = "confirm",
        /// Confirm what reaches over the whole province: such a role of an account, a reorganisation of units.
        ConfirmWide = "confirm_wide",
        /// Accounts.
        ManageStaff = "manage_staff",
        /// Keys.
        ManageKeys = "manage_keys",
        /// Units, procedures, processes, calendars.
        ManageCatalogue = "manage_catalogue",
        /// Freeze a period's figures as they were reported.
        SealReports = "seal_reports",
        /// See who did what that must be provable.
        ReadAudit = "read_audit",
    }
}

impl Deed {
    /// Whether it touches everybody at once: accounts and keys, the rules that due dates follow, all sending, or
    /// dossiers by the table.
    pub fn has_wide_effect(self) -> bool {
        use Deed::{ImportDossiers, ManageCatalogue, ManageKeys, ManageNotices, ManageStaff, SwitchSending};
        matches!(self, ManageStaff | ManageKeys | ManageCatalogue | ManageNotices | SwitchSending | ImportDossiers)
    }
}

impl Role {
    /// Whether a person of this role must show a second factor: whoever may do deeds with wide effect.
    pub fn needs_second_factor(self) -> bool {
        Deed::ALL.iter().any(|deed| deed.has_wide_effect() && self.may(*deed))
    }

    /// Whether the role needs more than was shown.
    pub fn lacks(self, shown: SecondFactor) -> bool {
        self.needs_second_factor() && shown == SecondFactor::None
    }

    /// Whether the role may use the verb at all.
    pub fn may_use(self, verb: Verb) -> bool {
        who_may_use(verb).contains(&self)
    }

    /// Whether the role may do the deed.
    pub fn may(self, deed: Deed) -> bool {
        who_may(deed).contains(&self)
    }

    /// Whether the role reaches over the whole province: one person alone gives it to nobody.
    pub fn is_wide(self) -> bool {
        self.sight() == Sight::All || self.may(Deed::ManageStaff)
    }

    /// Which dossiers the role sees.
    pub fn sight(self) -> Sight {
        match self {
            Self::CentreHead | Self::Controller | Self::Auditor => Sight::All,
            Self::Clerk => Sight::ReceivedHere,
            Self::Admin => Sight::Nothing,
            Self::Portal | Self::Officer | Self::DivisionHead | Self::Leader | Self::Records | Self::Chair => {
                Sight::OfTheUnit
            }
        }
    }
}

words! {
    /// Which dossiers somebody sees.
    pub enum Sight {
        /// Every one.
        All = "all",
        /// Those that the unit or one below has anything to do with.
        OfTheUnit = "unit",
        /// Those that the unit or one below received.
        ReceivedHere = "received",
        /// None.
        Nothing = "nothing",
    }
}

fn who_may_use(verb: Verb) -> &'static [Role] {
    use Role::{Chair, Clerk, DivisionHead, Leader, Officer, Portal, Records};
    match verb {
        Verb::Submit | Verb::Mirror => &[Portal],
        Verb::Receive | Verb::Accept | Verb::Decline | Verb::Transfer | Verb::Arrive => &[Clerk],
        Verb::HandOver | Verb::Withdraw | Verb::Supply | Verb::Correct => &[Clerk, Portal],
        // Whoever of its counter or of the unit that has it in hand keeps what was brought.
        Verb::GiveBack => &[Clerk, Officer, DivisionHead, Leader, Records],
        Verb::Advance | Verb::SendBack => &[Clerk, Officer, DivisionHead, Leader, Records, Chair],
        // Agencies with systems of their own acknowledge by key.
        Verb::Acknowledge => &[Portal, Officer, DivisionHead, Leader, Records],
        Verb::Assign => &[DivisionHead, Leader],
        Verb::Redirect => &[Clerk, Leader],
        Verb::RequestSupplement | Verb::Lapse => &[Clerk, Officer, DivisionHead, Leader],
        Verb::SetCase | Verb::Consult | Verb::ConsultAnswered | Verb::RequestPayment | Verb::PaymentNotice => {
            &[Officer, DivisionHead, Leader]
        }
        Verb::ConfirmPayment => &[Officer, Clerk, Portal],
        Verb::Suspend | Verb::Resume | Verb::Extend | Verb::Apologise | Verb::Stop | Verb::Recall => &[Leader],
        Verb::Finish => &[Leader, Chair, Records],
        // Proposed by one, done when another confirms.
        Verb::Remind | Verb::Recalculate | Verb::Succeed => &[],
        Verb::Void | Verb::Undo => &[Clerk, Officer, Leader, Role::CentreHead],
    }
}

fn who_may(deed: Deed) -> &'static [Role] {
    use Role::{Admin, Auditor, CentreHead, Chair, Clerk, Controller, DivisionHead, Leader, Officer, Portal, Records};
    match deed {
        Deed::ReadDossiers => {
            &[Portal, Clerk, Officer, DivisionHead, Leader, Records, Chair, CentreHead, Controller, Auditor]
        }
        Deed::ReadIdentity => &[Portal, Clerk, Officer, DivisionHead, Leader, Records],
        Deed::UnmaskIdentity => &[Chair, CentreHead, Controller, Auditor],
        Deed::ExportPerson => &[CentreHead, Controller],
        Deed::ReadStatistics => &[Officer, DivisionHead, Leader, Records, Chair, CentreHead, Controller, Auditor],
        Deed::ReadNotices => &[Clerk, Officer, DivisionHead, Leader, CentreHead, Controller, Auditor],
        Deed::ResendNotices => &[Clerk, CentreHead],
        // Who confirms must see them all.
        Deed::ConfirmNotices => &[CentreHead],
        Deed::SwitchSending => &[CentreHead, Admin],
        Deed::ManageNotices => &[Admin],
        Deed::ReadCosts => &[Leader, CentreHead, Controller, Auditor, Admin],
        Deed::ImportDossiers => &[Admin],
        Deed::Propose => &[Clerk, Officer, Leader, CentreHead],
        Deed::Confirm => &[Leader, CentreHead],
        Deed::ConfirmWide => &[Admin, CentreHead],
        Deed::ManageStaff | Deed::ManageKeys => &[Admin],
        Deed::ManageCatalogue => &[Controller, Admin],
        Deed::SealReports => &[Leader, CentreHead],
        Deed::ReadAudit => &[CentreHead, Controller, Auditor, Admin],
    }
}

/// Who acts, as far as rules need to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// Which account, key or part of the house.
    pub who: Who,
    /// The name that histories show.
    pub name: String,
    /// The role.
    pub role: Role,
    /// The unit of the account or key.
    pub unit: UnitId,
    /// The part of the role's rights that the credential carries.
    pub scopes: Scopes,
}

/// Which account, key or part of the house acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A member of staff.
    Staff(StaffId),
    /// An API key.
    Key(KeyId),
    /// The service itself: ticks, imports, replays.
    System,
}

impl Actor {
    /// Makes one with all rights of the role.
    pub fn new(who: Who, name: impl Into<String>, role: Role, unit: UnitId) -> Self {
        Self { who, name: name.into(), role, unit, scopes: Scopes::All }
    }

    /// Whether the role may do the deed and the credential carries it.
    pub fn may(&self, deed: Deed) -> bool {
        self.role.may(deed) && self.scopes.hold_deed(deed)
    }

    /// Whether they may read figures: whoever works here those of the own unit, at least; a key where its role and scopes
    /// let it, as nobody gave it more.
    pub fn may_read_figures(&self) -> bool {
        matches!(self.who, Who::Staff(_)) || self.may(Deed::ReadStatistics)
    }

    /// Whether the role may use the verb and the credential carries it.
    pub fn may_use(&self, verb: Verb) -> bool {
        self.role.may_use(verb) && self.scopes.hold_verb(verb)
    }

    /// The house itself, which does what no person asked for by name.
    pub fn house() -> Self {
        Self::new(Who::System, "motcua", Role::Admin, UnitId(uuid::Uuid::nil()))
    }

    /// Returns the stable text by which rows name who acted.
    pub fn principal(&self) -> String {
        match self.who {
            Who::Staff(id) => format!("staff:{id}"),
            Who::Key(id) => format!("key:{id}"),
            Who::System => "system".to_owned(),
        }
    }

    /// Returns the account, if a person acts.
    pub fn staff_id(&self) -> Option<StaffId> {
        match self.who {
            Who::Staff(id) => Some(id),
            Who::Key(_) | Who::System => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_auditor_changes_nothing() {
        assert!(Verb::ALL.iter().all(|verb| !Role::Auditor.may_use(*verb)));
        let deeds: Vec<_> = Deed::ALL.iter().filter(|deed| Role::Auditor.may(**deed)).collect();
        let reads = [
            Deed::ReadDossiers,
            Deed::UnmaskIdentity,
            Deed::ReadStatistics,
            Deed::ReadNotices,
            Deed::ReadCosts,
            Deed::ReadAudit,
        ];
        assert_eq!(deeds, reads.iter().collect::<Vec<_>>());
    }

    #[test]
    fn wide_effect_needs_a_second_factor() {
        let needing: Vec<_> = Role::ALL.iter().filter(|role| role.needs_second_factor()).collect();
        assert_eq!(needing, [&Role::CentreHead, &Role::Controller, &Role::Admin]);
        assert!(Role::Admin.lacks(SecondFactor::None) && !Role::Admin.lacks(SecondFactor::Provider));
        assert!(!Role::Clerk.lacks(SecondFactor::None));
    }

    #[test]
    fn who_receives_does_not_sign() {
        assert!(Role::ALL.iter().all(|role| !(role.may_use(Verb::Receive) && role.may_use(Verb::Finish))));
    }

    #[test]
    fn whoever_works_here_reads_figures_and_a_key_where_its_rights_say_so() {
        let unit = UnitId(uuid::Uuid::nil());
        for role in Role::ALL.iter().copied() {
            let person = Actor::new(Who::Staff(StaffId(uuid::Uuid::nil())), "Người", role, unit);
            assert!(person.may_read_figures(), "{role}");
            let key = Actor { who: Who::Key(KeyId(uuid::Uuid::nil())), ..person };
            assert_eq!(key.may_read_figures(), role.may(Deed::ReadStatistics), "{role}");
            let narrow = Actor { scopes: Scopes::read(["read_dossiers"]).unwrap(), ..key };
            assert!(!narrow.may_read_figures(), "{role}");
        }
    }

    #[test]
    fn who_edits_the_calendar_does_not_seal_reports() {
        assert!(Role::ALL.iter().all(|role| !(role.may(Deed::ManageCatalogue) && role.may(Deed::SealReports))));
    }

    #[test]
    fn the_roles_that_reach_over_the_province_need_two_people() {
        let wide: Vec<_> = Role::ALL.iter().filter(|role| role.is_wide()).collect();
        assert_eq!(wide, [&Role::CentreHead, &Role::Controller, &Role::Auditor, &Role::Admin]);
    }

    #[test]
    fn who_sees_identity_every_day_needs_no_unmasking() {
        let both = |role: &&Role| role.may(Deed::ReadIdentity) && role.may(Deed::UnmaskIdentity);
        assert_eq!(Role::ALL.iter().find(both), None);
    }

    #[test]
    fn every_verb_but_those_of_the_house_has_somebody_who_may_use_it() {
        let asked_for = |verb: &Verb| Role::ALL.iter().any(|role| role.may_use(*verb));
        assert!(Verb::ALL.iter().all(|verb| asked_for(verb) != Verb::OF_THE_HOUSE.contains(verb)));
    }
}
