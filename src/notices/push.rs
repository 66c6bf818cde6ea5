//! Pushes: a notice for each device of each person who is told, that there is news and of which dossier.

use diesel::PgConnection;

use super::devices::{self, Device};
use super::enqueue::{Address, Cause, NewNotice, Person, seal, word};
use crate::domain::device::{DeviceLanguage, PushToken, device_context};
use crate::domain::notice::{NoticeChannel, Template, Wording};
use crate::error::AppError;
use crate::state::Act;

/// Composes the pushes that a cause calls for; none where no gateway could take them, or there are no words for it.
///
/// Each device has a notice of its own: it is reached, tried again and given up by itself.
///
/// # Errors
/// Whatever the database says, or a sealed token that does not open.
pub(super) fn compose(
    conn: &mut PgConnection,
    act: &Act<'_>,
    cause: &Cause,
    people: &[Person],
) -> Result<Vec<NewNotice>, AppError> {
    let template = act.office.templates.find(cause.purpose, NoticeChannel::Push).filter(|_| has_a_way_out(act));
    let Some(template) = template else {
        return Ok(Vec::new());
    };
    let mut composed = Vec::new();
    for device in devices::of_dossier(conn, cause.dossier_id)? {
        if !people.iter().any(|(person, _)| person.part == device.part) {
            continue;
        }
        let Some(address) = address(act, &device)? else {
            continue;
        };
        let wording = worded(act, cause, template, device.language);
        composed.push(seal(act, cause, (device.part, NoticeChannel::Push, template.id), &address, &wording)?);
    }
    Ok(composed)
}

fn has_a_way_out(act: &Act<'_>) -> bool {
    act.office.config.gateways.values().any(|gateway| gateway.channel() == NoticeChannel::Push)
}

fn address(act: &Act<'_>, device: &Device) -> Result<Option<Address>, AppError> {
    let context = device_context(&device.holder_hash, &device.installation);
    let plain = act.office.vault.open(device.key_id, &context, &device.token)?;
    let masked = PushToken::read(&plain).map(|token| token.masked());
    Ok(masked.map(|masked| Address { hash: device.token_hash.clone(), plain, masked, telco: None }))
}

/// The code goes beside the words too, for the app to fetch what is new.
fn worded(act: &Act<'_>, cause: &Cause, template: &Template, language: DeviceLanguage) -> Wording {
    let mut wording = word(act, cause, template);
    if language == DeviceLanguage::English {
        // A push never says more than that there is news, so one sentence does for all.
        wording.text = format!("Dossier {} has news. Open the app to read it.", cause.code);
    }
    wording.params.insert("code".to_owned(), cause.code.clone());
    wording
}
