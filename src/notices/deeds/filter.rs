//! Which notices are meant, as somebody asks for them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::domain::ids::UnitId;
use crate::domain::notice::{DeadReason, NoticeChannel, Purpose};
use crate::domain::role::{Actor, Sight, Who};
use crate::error::{AppError, Said};
use crate::http::body::Faults;
use crate::state::Act;

/// Which notices; all of them where nothing is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NoticeFilter)]
pub struct FilterForm {
    /// Why it is dead: `given_up`, `expired`, `in_doubt`, `account`, `content`, `recipient`, `refused`, `receipt` or
    /// `no_gateway`.
    pub reason: Option<String>,
    /// The code of a unit: what it and all below it say.
    pub unit: Option<String>,
    /// The gateway that was spoken to last.
    pub gateway: Option<String>,
    /// `sms`, `email` or `zalo`.
    pub channel: Option<String>,
    /// What for.
    pub purpose: Option<String>,
    /// Written on this date or later: `2026-09-25`.
    pub from: Option<String>,
    /// Written before this date.
    pub to: Option<String>,
}

/// The same, read; kept in a proposal too.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Filter {
    pub(super) reason: Option<DeadReason>,
    pub(super) unit: Option<String>,
    pub(super) gateway: Option<String>,
    pub(super) channel: Option<NoticeChannel>,
    pub(super) purpose: Option<Purpose>,
    pub(super) from: Option<NaiveDate>,
    pub(super) to: Option<NaiveDate>,
}

impl FilterForm {
    /// Reads the filter, noting what is wrong with a field at `at` and its name.
    pub(super) fn read(&self, faults: &mut Faults, at: &str) -> Filter {
        let gateway = self.gateway.as_deref().map(str::trim);
        if gateway.is_some_and(|name| !is_name(name)) {
            let said = Said::new(
                "wrong_gateway",
                "Tên cổng gửi gồm chữ thường không dấu, số, dấu - và _, bắt đầu bằng chữ",
                "The name of a gateway has small letters, digits, - and _, and begins with a letter",
            );
            faults.add(format!("{at}gateway"), said);
        }
        let from = self.from.as_deref().and_then(|text| date(faults, &format!("{at}from"), text));
        let to = self.to.as_deref().and_then(|text| date(faults, &format!("{at}to"), text));
        if from.zip(to).is_some_and(|(from, to)| to <= from) {
            let said =
                Said::new("wrong_period", "to phải sau from", "to must be after from: it is the first date after");
            faults.add(format!("{at}to"), said);
        }
        Filter {
            reason: self.reason.as_deref().and_then(|word| faults.word(&format!("{at}reason"), word)),
            unit: self.unit.as_deref().map(|code| code.trim().to_owned()),
            gateway: gateway.map(str::to_owned),
            channel: self.channel.as_deref().and_then(|word| faults.word(&format!("{at}channel"), word)),
            purpose: self.purpose.as_deref().and_then(|word| faults.word(&format!("{at}purpose"), word)),
            from,
            to,
        }
    }
}

fn date(faults: &mut Faults, pointer: &str, text: &str) -> Option<NaiveDate> {
    let said = Said::new("wrong_date", "Ngày viết theo dạng 2026-09-25", "A date is written as in 2026-09-25");
    // Ten characters: years that the database can't hold have more.
    let read = NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d").ok().filter(|_| text.trim().len() == 10);
    faults.read(pointer, said, read)
}

/// Short and plain, so that it can stand in the audit.
fn is_name(name: &str) -> bool {
    let is_plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
    name.len() <= 40 && name.as_bytes().first().is_some_and(u8::is_ascii_lowercase) && name.bytes().all(is_plain)
}

impl Filter {
    /// Returns the units that it names.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a unit that there is not.
    pub(super) fn units(&self, act: &Act<'_>) -> Result<Option<Vec<UnitId>>, AppError> {
        let Some(code) = &self.unit else { return Ok(None) };
        let unit = act.catalogue().unit_by_code(code).ok_or_else(|| {
            AppError::NotFound(Said::new("unit_not_found", "Không có cơ quan này", "There is no such unit"))
        })?;
        Ok(Some(act.catalogue().within(unit.id)))
    }

    /// Returns it in words, the same for the same filter: by this a proposal is known.
    pub(super) fn in_words(&self) -> String {
        let date = |date: Option<NaiveDate>| date.map(|date| date.to_string());
        let parts = [
            ("reason", self.reason.map(|reason| reason.to_string())),
            ("unit", self.unit.clone()),
            ("gateway", self.gateway.clone()),
            ("channel", self.channel.map(|channel| channel.to_string())),
            ("purpose", self.purpose.map(|purpose| purpose.to_string())),
            ("from", date(self.from)),
            ("to", date(self.to)),
        ];
        let said: Vec<_> = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?))).collect();
        if said.is_empty() { "all".to_owned() } else { said.join(" ") }
    }
}

/// Whose notices: as far as somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct SeenBy {
    pub(super) sight: Sight,
    pub(super) unit: UnitId,
}

impl From<&Actor> for SeenBy {
    fn from(actor: &Actor) -> Self {
        let sight = if actor.who == Who::System { Sight::All } else { actor.role.sight() };
        Self { sight, unit: actor.unit }
    }
}
