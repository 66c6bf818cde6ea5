//! What can be wrong with a process, each fault by its name, in both languages.

/// What is wrong with written steps, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepFault {
    /// JSON pointer within the list of steps; empty where all of them are meant.
    pub pointer: String,
    /// What is wrong.
    pub why: ProcessError,
}

impl StepFault {
    /// Puts the two together: the place of the step, and the field in it that is wrong.
    pub(super) fn new(place: &str, why: ProcessError) -> Self {
        let field = why.field().map(|field| format!("/{field}")).unwrap_or_default();
        Self { pointer: format!("{place}{field}"), why }
    }
}

/// Why there is no such process.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProcessError {
    /// Shares, but nobody who takes what they leave.
    #[error("the steps have shares of the term, and none takes the rest: give one `rest_of_term`")]
    NoRest,
    /// Shares above the whole.
    #[error("the shares of the steps are more than the term")]
    SharesAboveWhole,
    /// Budgets above the term of a procedure.
    #[error("the steps may use {needed} working minutes, the term has {term}")]
    AboveTerm {
        /// What the steps may use together, in working minutes.
        needed: i64,
        /// What there is.
        term: i64,
    },
    /// More steps than anybody could follow.
    #[error("has {count} steps, {most} at most")]
    TooMany {
        /// How many there are.
        count: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two steps of one name, so that nobody knows to which a way leads.
    #[error("two steps do `{does}`: give each a name of its own")]
    Twice {
        /// What they do.
        does: String,
    },
    /// A step that sends back to none before it.
    #[error("`{does}` sends back to `{to}`, which is no step before it")]
    SendsBackNowhere {
        /// What the step does.
        does: String,
        /// Where it wants to send.
        to: String,
    },
    /// A branch to no step.
    #[error("`{does}` goes to `{to}`, which is no step")]
    GoesNowhere {
        /// What the step does.
        does: String,
        /// Where it wants to go.
        to: String,
    },
    /// A way on that leads back, so that it could be gone for ever.
    #[error("`{does}` goes to `{to}`, which is not after it: that may never end; name it in `sends_back_to`")]
    EndlessLoop {
        /// What the step does.
        does: String,
        /// Where it goes.
        to: String,
    },
    /// A condition that asks about nothing.
    #[error("`{does}` has a condition with an empty list")]
    EmptyCondition {
        /// What the step does.
        does: String,
    },
    /// A step to which no way leads.
    #[error("no way leads to `{does}`")]
    Unreachable {
        /// What the step does.
        does: String,
    },
    /// A step after which nobody comes who may book the result.
    #[error("from `{does}` on nobody comes who may book the result (leader, chair or records)")]
    NoWayOut {
        /// What the step does.
        does: String,
    },
    /// Neither one kind of budget nor the other, or several.
    #[error("`{does}` needs one budget: a share, days, hours, the rest, or none")]
    Budget {
        /// What the step does.
        does: String,
    },
    /// Inner steps without a budget that they share, or such a budget without steps.
    #[error("`{does}`: `shared_budget` and inner `steps` go together")]
    Shared {
        /// What the step does.
        does: String,
    },
    /// A step that nobody does.
    #[error("`{does}` names no role")]
    Role {
        /// What the step does.
        does: String,
    },
    /// A step of a role that there is not.
    #[error("`{does}`: there is no role `{role}`")]
    UnknownRole {
        /// What the step does.
        does: String,
        /// Who should do it.
        role: String,
    },
    /// A step that opens a pause that there is not.
    #[error("`{does}`: there is no pause `{kind}`")]
    UnknownPause {
        /// What the step does.
        does: String,
        /// What it should open.
        kind: String,
    },
}

impl ProcessError {
    /// Returns the name of the fault, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoRest => "no_rest_of_term",
            Self::SharesAboveWhole => "shares_above_term",
            Self::AboveTerm { .. } => "budgets_above_term",
            Self::TooMany { .. } => "too_many_steps",
            Self::Twice { .. } => "step_twice",
            Self::SendsBackNowhere { .. } => "sends_back_nowhere",
            Self::GoesNowhere { .. } => "goes_nowhere",
            Self::EndlessLoop { .. } => "endless_loop",
            Self::EmptyCondition { .. } => "empty_condition",
            Self::Unreachable { .. } => "unreachable_step",
            Self::NoWayOut { .. } => "no_way_out",
            Self::Budget { .. } => "one_budget_needed",
            Self::Shared { .. } => "shared_budget_without_steps",
            Self::Role { .. } => "role_missing",
            Self::UnknownRole { .. } => "unknown_role",
            Self::UnknownPause { .. } => "unknown_pause",
        }
    }

    /// Returns the field of the step that is wrong; `None` where it is the step, or the steps, as a whole.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::Twice { .. } => Some("does"),
            Self::SendsBackNowhere { .. } => Some("sends_back_to"),
            Self::GoesNowhere { .. } | Self::EndlessLoop { .. } | Self::EmptyCondition { .. } => Some("goes_to"),
            Self::Role { .. } | Self::UnknownRole { .. } => Some("role"),
            Self::UnknownPause { .. } => Some("opens_pause"),
            _ => None,
        }
    }

    /// Says it in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        match self {
            Self::NoRest => "Có bước tính theo phần của thời hạn nhưng không bước nào nhận phần còn lại: cần một \
                             `rest_of_term`"
                .to_owned(),
            Self::SharesAboveWhole => "Tổng các phần của các bước lớn hơn thời hạn".to_owned(),
            Self::AboveTerm { needed, term } => {
                format!("Các bước được dùng {needed} phút làm việc, thời hạn chỉ có {term}")
            }
            Self::TooMany { count, most } => format!("Có {count} bước, nhiều nhất là {most}"),
            Self::Twice { does } => format!("Có hai bước “{does}”: mỗi bước cần một tên riêng"),
            Self::SendsBackNowhere { does, to } => {
                format!("Bước “{does}” trả lại về “{to}”, không phải là bước đứng trước nó")
            }
            Self::GoesNowhere { does, to } => format!("Bước “{does}” chuyển đến “{to}”, bước này không có"),
            Self::EndlessLoop { does, to } => format!(
                "Bước “{does}” chuyển đến “{to}” không đứng sau nó nên có thể không bao giờ kết thúc; hãy ghi vào \
                 `sends_back_to`"
            ),
            Self::EmptyCondition { does } => format!("Bước “{does}” có điều kiện với danh sách rỗng"),
            Self::Unreachable { does } => format!("Không có đường nào đến bước “{does}”"),
            Self::NoWayOut { does } => {
                format!("Từ bước “{does}” trở đi không ai được ghi nhận kết quả (leader, chair hoặc records)")
            }
            Self::Budget { does } => {
                format!("Bước “{does}” cần đúng một cách tính thời gian: phần, ngày, giờ, phần còn lại hoặc không tính")
            }
            Self::Shared { does } => {
                format!("Bước “{does}”: `shared_budget` và các bước con `steps` phải đi cùng nhau")
            }
            Self::Role { does } => format!("Bước “{does}” không ghi vai trò"),
            Self::UnknownRole { does, role } => format!("Bước “{does}”: không có vai trò {role}"),
            Self::UnknownPause { does, kind } => format!("Bước “{does}”: không có loại tạm dừng {kind}"),
        }
    }
}
