//! Texts of the settings in which `{to}`, `{to_local}`, `{text}`, `{id}` and `{sender}` stand for what is sent.

use super::Sms;

/// A text with its placeholders found, so that nothing in a message is taken for one.
#[derive(Clone)]
pub(super) struct Pattern(Vec<Piece>);

#[derive(Clone)]
enum Piece {
    Text(String),
    To,
    ToLocal,
    Words,
    Id,
    Sender,
}

impl Pattern {
    /// Finds the placeholders.
    ///
    /// # Errors
    /// What stands in braces and is none, or a brace without its other half.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (word, behind) = after.split_once('}').ok_or_else(|| "a brace without its other half".to_owned())?;
            pieces.push(Piece::Text(before.to_owned()));
            pieces.push(match word {
                "to" => Piece::To,
                "to_local" => Piece::ToLocal,
                "text" => Piece::Words,
                "id" => Piece::Id,
                "sender" => Piece::Sender,
                other => {
                    return Err(format!(
                        "{{{other}}} is no placeholder; there are {{to}} {{to_local}} {{text}} {{id}} {{sender}}"
                    ));
                }
            });
            rest = behind;
        }
        pieces.push(Piece::Text(rest.to_owned()));
        Ok(Self(pieces))
    }

    /// Fills it in, writing each value with `escape`.
    pub(super) fn fill(&self, sms: &Sms, sender: &str, escape: fn(&str) -> String) -> String {
        let international = sms.to.trim_start_matches('+');
        let local = sms.to.strip_prefix("+84").unwrap_or(&sms.to);
        let mut filled = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::To => filled.push_str(&escape(international)),
                Piece::ToLocal => filled.push_str(&escape(&format!("0{local}"))),
                Piece::Words => filled.push_str(&escape(&sms.text)),
                Piece::Id => filled.push_str(&escape(&sms.id.to_string())),
                Piece::Sender => filled.push_str(&escape(sender)),
            }
        }
        filled
    }
}

/// Writes a value so that it is one value in a URL.
pub(super) fn in_url(value: &str) -> String {
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
pub(super) fn as_it_is(value: &str) -> String {
    value.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::NoticeId;

    #[test]
    fn what_a_message_says_is_no_placeholder() {
        let sms = Sms { id: NoticeId::new(), to: "+84905123456".to_owned(), text: "{id}&to=1 #é".to_owned() };
        let filled = |text: &str| Pattern::read(text).unwrap().fill(&sms, "TTPVHCC", in_url);
        assert_eq!(
            filled("?a={to}&b={to_local}&c={text}&d={sender}"),
            "?a=84905123456&b=0905123456&c=%7Bid%7D%26to%3D1%20%23%C3%A9&d=TTPVHCC"
        );
        assert!(Pattern::read("{phone}").is_err());
        assert!(Pattern::read("{to").is_err());
    }
}
