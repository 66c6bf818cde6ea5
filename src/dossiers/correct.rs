//! Contact and descriptive data put right, old and new values kept sealed in the history.

use diesel::prelude::*;
use serde::Deserialize;
use serde_json::{Value, json};

use super::change::{Ask, Change};
use super::intake::{Notify, word_or};
use super::legs;
use super::model::Dossier;
use super::people::{self, Participant, PersonForm};
use crate::audit;
use crate::domain::audit::{Action, Subject};
use crate::domain::dossier::Verb;
use crate::domain::dossier_kind::DossierKind;
use crate::domain::person::{Email, IdNumber, Mandate, Part, Person, Phone};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// What is put right; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// Fields of the applicant.
    pub applicant: Option<PersonForm>,
    /// Fields of the submitter.
    pub submitter: Option<PersonForm>,
    /// `counter`, `postal` or `online`.
    pub result_delivery: Option<String>,
    /// The channels on which messages are allowed.
    pub notify: Option<Notify>,
    /// Why.
    pub reason: Option<String>,
}

/// Puts contact and descriptive data right.
pub fn correct(conn: &mut PgConnection, act: &Act<'_>, ask: &Ask, form: &Correction) -> Result<Dossier, AppError> {
    let mut change = Change::begin(conn, act, ask, Verb::Correct)?;
    let mut faults = Faults::new();
    let reason = faults.optional_text("/reason", 1000, form.reason.as_deref());
    let default = change.dossier.result_delivery;
    let delivery = word_or(&mut faults, "/result_delivery", form.result_delivery.as_deref(), default);
    let mut changed = Vec::new();
    let parts = [(Part::Applicant, form.applicant.as_ref()), (Part::Submitter, form.submitter.as_ref())];
    for (part, fields) in parts {
        let Some(fields) = fields else { continue };
        let pointer = format!("/{part}");
        let Some(old) = people::open(conn, &act.office.vault, change.dossier.id, part)? else {
            let said = Said::new("no_such_person", "Hồ sơ không có người này", "The dossier has no such person");
            faults.add(pointer, said);
            continue;
        };
        let merged = merged(&old, fields);
        let mandate = mandate(&mut faults, &pointer, &old, fields);
        if let Some(person) = merged.read(&mut faults, &pointer) {
            changed.push((old, Participant { part, person, mandate }));
        }
    }
    change.dossier.result_delivery = faults.finish(delivery)?;
    if let Some(notify) = form.notify {
        (change.dossier.notify_sms, change.dossier.notify_email) = (notify.sms, notify.email);
        change.dossier.notify_zalo = notify.zalo;
    }
    for (_, new) in &changed {
        people::rewrite(conn, act, &change.dossier, new)?;
    }
    if change.kind == DossierKind::Parent {
        legs::rename(conn, change.dossier.id)?;
    }
    change.note = reason;
    change.details = json!({ "people": changed.iter().map(|(_, new)| new.part).collect::<Vec<_>>(),
        "result_delivery": form.result_delivery, "notify": form.notify });
    change.sealed = sealed_values(&changed);
    audit::note(conn, act, Action::DossierCorrected, Subject::Dossier(ask.code.as_str()), named(form))?;
    Ok(change.record(conn, act)?.dossier)
}

/// What was put right, by name: the audit holds no personal data.
fn named(form: &Correction) -> Value {
    let of = |person: &PersonForm| {
        let given = [
            ("kind", person.kind.is_some()),
            ("name", person.name.is_some()),
            ("id_number", person.id_number.is_some()),
            ("phone", person.phone.is_some()),
            ("email", person.email.is_some()),
            ("address", person.address.is_some()),
            ("mandate", person.mandate.is_some()),
        ];
        given.into_iter().filter(|(_, is_given)| *is_given).map(|(name, _)| name).collect::<Vec<_>>()
    };
    json!({
        "applicant": form.applicant.as_ref().map(of), "submitter": form.submitter.as_ref().map(of),
        "result_delivery": form.result_delivery.is_some(), "notify": form.notify.is_some(),
    })
}

/// The old values with the new ones laid over them.
fn merged(old: &Participant, new: &PersonForm) -> PersonForm {
    let person = &old.person;
    let or = |new: &Option<String>, old: Option<String>| new.clone().or(old);
    PersonForm {
        kind: or(&new.kind, Some(person.kind.to_string())),
        name: or(&new.name, Some(person.name.as_str().to_owned())),
        id_number: or(&new.id_number, person.id_number.as_ref().map(|text| IdNumber::as_str(text).to_owned())),
        phone: or(&new.phone, person.phone.as_ref().map(|text| Phone::as_str(text).to_owned())),
        email: or(&new.email, person.email.as_ref().map(|text| Email::as_str(text).to_owned())),
        address: or(&new.address, person.address.clone()),
        mandate: None,
    }
}

fn mandate(faults: &mut Faults, pointer: &str, old: &Participant, new: &PersonForm) -> Option<Mandate> {
    let before = old.mandate?;
    word_or(faults, &format!("{pointer}/mandate"), new.mandate.as_deref(), before)
}

fn sealed_values(changed: &[(Participant, Participant)]) -> Option<String> {
    let shown = |person: &Person| {
        json!({
            "kind": person.kind, "name": person.name.as_str(),
            "id_number": person.id_number.as_ref().map(IdNumber::as_str),
            "phone": person.phone.as_ref().map(Phone::as_str),
            "email": person.email.as_ref().map(Email::as_str), "address": person.address,
        })
    };
    let rows: Vec<Value> = changed
        .iter()
        .map(|(old, new)| json!({ "part": new.part, "old": shown(&old.person), "new": shown(&new.person) }))
        .collect();
    (!rows.is_empty()).then(|| Value::Array(rows).to_string())
}
