//! The deeds of a replay: each is a real use case, with a body as a client would send it.

use chrono::{DateTime, Utc};
use diesel::PgConnection;
use serde_json::{Value, json};

use super::actor;
use super::course::{Deed, Standing, promised};
use super::people::made_up;
use super::plan::{Intake as Comes, Life};
use crate::domain::code::DossierCode;
use crate::domain::dossier::ResultDelivery;
use crate::domain::ids::UnitId;
use crate::domain::period::{from_office_time, office_date};
use crate::domain::procedure::Channel;
use crate::domain::role::Role;
use crate::dossiers::action::{Action, Done};
use crate::dossiers::{Ask, Dossier, Intake, Notify, PaperForm, receive, submit};
use crate::error::AppError;
use crate::http::etag::IfMatch;
use crate::state::{Act, Office};

/// A deed that is due.
pub struct Due<'a> {
    /// To which dossier of the plan.
    pub life: &'a Life,
    /// What.
    pub deed: Deed,
    /// Where the dossier stands; `at` is the moment of the deed.
    pub stands: Standing,
    /// Its code, once it has one.
    pub code: Option<DossierCode>,
}

impl Due<'_> {
    /// Returns the moment of the deed.
    pub fn now(&self) -> DateTime<Utc> {
        from_office_time(self.stands.at)
    }
}

/// Does what is due, at its own moment, as whoever does such things.
///
/// # Errors
/// What the use case returns.
pub fn carry_out(conn: &mut PgConnection, office: &Office, due: &Due<'_>) -> Result<Dossier, AppError> {
    let (role, unit) = who(due);
    let by = actor(role, unit);
    let act = Act { office, by: &by, now: due.now() };
    let Some(code) = &due.code else {
        let form = form(due.life);
        let received = match due.life.channel {
            Channel::Online => submit(conn, &act, &form),
            Channel::Direct | Channel::Postal => receive(conn, &act, &form),
        };
        return Ok(received?.dossier);
    };
    let body = body(&act, due)?.to_string();
    let ask = Ask { code: code.clone(), if_match: IfMatch::default() };
    match Action::read(due.deed.as_str(), body.as_bytes())?.apply(conn, &act, &ask)? {
        Done::Changed(dossier) => Ok(dossier),
        Done::Proposed(..) => Err(AppError::internal("a replay proposes nothing")),
    }
}

/// Who does it, and where.
fn who(due: &Due<'_>) -> (Role, UnitId) {
    let life = due.life;
    match due.deed {
        Deed::Come if life.channel == Channel::Online => (Role::Portal, life.receives_at),
        Deed::Come | Deed::Complete | Deed::Accept | Deed::Decline | Deed::Transfer | Deed::Supply => {
            (Role::Clerk, life.receives_at)
        }
        Deed::Withdraw | Deed::Arrive | Deed::HandOver => (Role::Clerk, life.receives_at),
        Deed::Advance | Deed::Ask | Deed::Lapse | Deed::Bill | Deed::Pay => (Role::Officer, life.unit),
        Deed::Apologise | Deed::Finish | Deed::FinishElsewhere => (Role::Leader, life.unit),
    }
}

fn form(life: &Life) -> Intake {
    let is_incomplete = life.intake == Comes::Incomplete;
    Intake {
        procedure_code: Some(life.procedure_code.clone()),
        unit_code: Some(life.unit_code.clone()),
        channel: Some(life.channel.to_string()),
        outcome: is_incomplete.then(|| "supplement".to_owned()),
        reason: is_incomplete.then(|| "Thiếu giấy tờ theo quy định".to_owned()),
        missing: is_incomplete.then(|| vec![paper("Bản sao giấy tờ chứng minh")]),
        applicant: Some(made_up(life.person)),
        papers: Some(vec![paper("Tờ khai")]),
        result_delivery: Some(life.delivery.to_string()),
        notify: Some(Notify { sms: life.sms, email: true, zalo: false }),
        ..Intake::default()
    }
}

fn paper(name: &str) -> PaperForm {
    PaperForm { name: Some(name.to_owned()), ..PaperForm::default() }
}

fn body(act: &Act<'_>, due: &Due<'_>) -> Result<Value, AppError> {
    let life = due.life;
    Ok(match due.deed {
        Deed::Decline => json!({ "reason": "Không thuộc thẩm quyền giải quyết" }),
        Deed::Ask => json!({
            "papers": [{ "name": "Bản sao giấy tờ chứng minh" }], "reason": "Hồ sơ chưa đủ giấy tờ",
            "override_reason": "Cần thêm giấy tờ để giải quyết",
        }),
        Deed::Bill => {
            let [.., share] = life.luck;
            json!({ "amount_vnd": 50_000 + u64::from(share) * 1_000 })
        }
        Deed::Pay => json!({ "voucher": format!("BL-{:06}", life.number) }),
        Deed::Apologise => {
            let day = promised(act.catalogue().calendar(), life, &due.stands);
            let day = day.map_err(|err| AppError::Internal(err.into()))?;
            json!({ "new_due_on": day, "reason": "Hồ sơ phức tạp, cần thêm thời gian thẩm tra" })
        }
        Deed::Finish | Deed::FinishElsewhere => result(life, due),
        Deed::Arrive => json!({ "shelf_place": format!("K{}", life.number % 40 + 1) }),
        _ => json!({}),
    })
}

fn result(life: &Life, due: &Due<'_>) -> Value {
    let at_counter = due.deed == Deed::Finish && life.delivery == ResultDelivery::Counter;
    let number = format!("{}/KQ-MP", life.number);
    if life.refused {
        let reason = "Không đủ điều kiện theo quy định";
        return json!({ "result": "refused", "reason": reason, "number": number, "at_counter": at_counter });
    }
    json!({ "result": "granted", "number": number, "at_counter": at_counter, "date": office_date(due.now()) })
}
