//! Texts of a gateway's description in which `{to}`, `{text}` and the like stand for what is sent, and `{api_key}` and
//! the like for what the settings say.

use std::collections::BTreeMap;

use data_encoding::BASE64;
use secrecy::{ExposeSecret, SecretString};

use super::Message;
use crate::domain::notice::{Encoding, plan};

/// What a text is filled in with.
#[derive(Clone, Copy, Default)]
pub struct Filling<'a> {
    /// The message.
    pub message: Option<&'a Message>,
    /// How the centre is named.
    pub sender: &'a str,
    /// Where delivery receipts are taken.
    pub callback: &'a str,
    /// The access token.
    pub token: &'a str,
    /// The gateway's own number of the message.
    pub reference: &'a str,
    /// What a token is asked for with.
    pub grant: &'a str,
}

/// A text with its placeholders found, so that nothing in a message is taken for one.
#[derive(Clone)]
pub struct Pattern(Vec<Piece>);

#[derive(Clone)]
enum Piece {
    Text(SecretString),
    Value(Value),
    /// The value in base64.
    Base64(Value),
    /// One of two texts: the first where the words need UTF-16.
    Unicode(String, String),
}

#[derive(Clone, Copy)]
enum Value {
    To,
    ToLocal,
    Words,
    Subject,
    Template,
    Id,
    Number,
    Sender,
    Callback,
    Token,
    Reference,
    Grant,
    Dossier,
    Ttl,
    Expires,
}

const VALUES: [(&str, Value); 16] = [
    ("to", Value::To),
    ("to_local", Value::ToLocal),
    ("text", Value::Words),
    ("subject", Value::Subject),
    ("template", Value::Template),
    ("id", Value::Id),
    ("number", Value::Number),
    ("sender", Value::Sender),
    ("callback", Value::Callback),
    ("token", Value::Token),
    ("reference", Value::Reference),
    ("refresh_token", Value::Grant),
    ("assertion", Value::Grant),
    ("dossier", Value::Dossier),
    ("ttl", Value::Ttl),
    ("expires", Value::Expires),
];

impl Pattern {
    /// Finds the placeholders; those of the settings are filled in at once.
    ///
    /// # Errors
    /// What stands in braces and is none, or a brace without its other half.
    pub fn read(text: &str, settings: &BTreeMap<String, SecretString>) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, behind) = after.split_once('}').ok_or_else(|| "a brace without its other half".to_owned())?;
            pieces.push(Piece::Text(before.into()));
            pieces.push(Piece::read(word, settings)?);
            rest = behind;
        }
        pieces.push(Piece::Text(rest.into()));
        Ok(Self(pieces))
    }

    /// Whether the number under which a vendor keeps the wording stands in it.
    pub fn is_by_template(&self) -> bool {
        let is_it = |piece: &Piece| matches!(piece, Piece::Value(Value::Template) | Piece::Base64(Value::Template));
        self.0.iter().any(is_it)
    }

    /// Fills it in, writing each value with `escape`; what the description itself says stays as it is.
    pub fn fill(&self, with: &Filling<'_>, escape: fn(&str) -> String) -> String {
        let filled = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.expose_secret().to_owned(),
            Piece::Value(value) => escape(&value.of(with)),
            Piece::Base64(value) => escape(&BASE64.encode(value.of(with).as_bytes())),
            Piece::Unicode(wide, plain) => if is_wide(with) { wide } else { plain }.clone(),
        });
        filled.collect()
    }
}

impl Piece {
    fn read(word: &str, settings: &BTreeMap<String, SecretString>) -> Result<Self, String> {
        if let Some((wide, plain)) = word.strip_prefix("unicode?").and_then(|texts| texts.split_once(':')) {
            return Ok(Self::Unicode(wide.to_owned(), plain.to_owned()));
        }
        let find = |name: &str| VALUES.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        if let Some(value) = word.strip_suffix("|base64").and_then(find) {
            return Ok(Self::Base64(value));
        }
        if let Some((name, password)) = word.strip_prefix("basic:").and_then(|pair| pair.split_once(':')) {
            let part = |name: &str| settings.get(name).map_or(name, |value| value.expose_secret()).to_owned();
            let pair = format!("{}:{}", part(name), part(password));
            return Ok(Self::Text(BASE64.encode(pair.as_bytes()).into()));
        }
        match (find(word), settings.get(word)) {
            (Some(value), _) => Ok(Self::Value(value)),
            (None, Some(setting)) => Ok(Self::Text(setting.clone())),
            (None, None) => {
                let known = VALUES.iter().map(|(name, _)| *name).chain(settings.keys().map(String::as_str));
                let all: Vec<String> = known.map(|name| format!("{{{name}}}")).collect();
                Err(format!("{{{word}}} is no placeholder; there are {} and settings of its own", all.join(" ")))
            }
        }
    }
}

impl Value {
    fn of(self, with: &Filling<'_>) -> String {
        let message = |get: fn(&Message) -> String| with.message.map(get).unwrap_or_default();
        match self {
            Self::To => message(|message| message.to.trim_start_matches('+').to_owned()),
            Self::ToLocal => message(|message| match message.to.strip_prefix("+84") {
                Some(local) => format!("0{local}"),
                None => message.to.clone(),
            }),
            Self::Words => message(|message| message.wording.text.clone()),
            Self::Subject => message(|message| message.wording.subject.clone().unwrap_or_default()),
            Self::Template => message(|message| message.template.clone().unwrap_or_default()),
            Self::Id => message(|message| message.id.to_string()),
            Self::Number => message(|message| number_of(message).to_string()),
            Self::Sender => with.sender.to_owned(),
            Self::Callback => with.callback.to_owned(),
            Self::Token => with.token.to_owned(),
            Self::Reference => with.reference.to_owned(),
            Self::Grant => with.grant.to_owned(),
            Self::Dossier => message(|message| message.wording.params.get("code").cloned().unwrap_or_default()),
            Self::Ttl => message(|message| (message.expires_at - message.at).num_seconds().max(0).to_string()),
            Self::Expires => message(|message| message.expires_at.timestamp().to_string()),
        }
    }
}

/// The message's number for gateways that take digits alone: 18 of them, from the end of its key, which is random.
fn number_of(message: &Message) -> u64 {
    message.id.luck() % 1_000_000_000_000_000_000
}

fn is_wide(with: &Filling<'_>) -> bool {
    with.message.is_some_and(|message| plan(&message.wording.text).encoding == Encoding::Ucs2)
}

/// Writes a value so that it is one value in a URL.
pub fn in_url(value: &str) -> String {
    let mut written = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                written.push(char::from(byte));
            }
            other => written.push_str(&format!("%{other:02X}")),
        }
    }
    written
}

/// Writes a value as it is.
pub fn as_it_is(value: &str) -> String {
    value.to_owned()
}

/// Writes a value so that XML shows it as it is; what XML can't hold is left out.
pub fn in_xml(value: &str) -> String {
    let held = |c: &char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    quick_xml::escape::escape(value.chars().filter(held).collect::<String>()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::NoticeId;
    use crate::domain::notice::Wording;
    use chrono::DateTime;
    use proptest::prelude::*;

    fn message(text: &str) -> Message {
        Message {
            id: NoticeId::new(),
            to: "+84905123456".to_owned(),
            wording: Wording { text: text.to_owned(), ..Wording::default() },
            template: None,
            written_at: DateTime::UNIX_EPOCH,
            at: DateTime::UNIX_EPOCH,
            expires_at: DateTime::UNIX_EPOCH,
        }
    }

    fn filled(text: &str, message: &Message, escape: fn(&str) -> String) -> String {
        let settings = BTreeMap::from([("key".to_owned(), SecretString::from("{to}&"))]);
        let with = Filling { message: Some(message), sender: "TTPVHCC", ..Filling::default() };
        Pattern::read(text, &settings).unwrap().fill(&with, escape)
    }

    #[test]
    fn what_a_message_or_a_setting_says_is_no_placeholder() {
        let sms = message("{id}&to=1 #é");
        assert_eq!(
            filled("?a={to}&b={to_local}&c={text}&d={sender}", &sms, in_url),
            "?a=84905123456&b=0905123456&c=%7Bid%7D%26to%3D1%20%23%C3%A9&d=TTPVHCC"
        );
        assert_eq!(filled("{key}", &sms, as_it_is), "{to}&");
        for wrong in ["{phone}", "{to", "{params}"] {
            assert!(Pattern::read(wrong, &BTreeMap::new()).is_err());
        }
    }

    #[test]
    fn words_are_packed_as_the_gateway_wants_them() {
        assert_eq!(filled("{text|base64}", &message("Ho so"), as_it_is), "SG8gc28=");
        assert_eq!(filled("{unicode?8:0}", &message("Ho so"), as_it_is), "0");
        assert_eq!(filled("{unicode?8:0}", &message("Hồ sơ"), as_it_is), "8");
        let number = filled("{number}", &message(""), as_it_is);
        assert!(number.parse::<u64>().is_ok() && number.len() <= 18, "{number}");
    }

    proptest! {
        #[test]
        fn no_words_break_out_of_xml(text in "\\PC*|[<>&\"']*|\\x00*") {
            let written = filled("<a>{text}</a>", &message(&text), in_xml);
            let inside = written.strip_prefix("<a>").and_then(|rest| rest.strip_suffix("</a>")).unwrap();
            prop_assert!(!inside.contains(['<', '>', '"', '\'', '\0']));
            prop_assert_eq!(quick_xml::escape::unescape(inside).unwrap().into_owned(), text.replace('\0', ""));
        }
    }
}
