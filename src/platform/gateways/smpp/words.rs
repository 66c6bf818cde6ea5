//! A text as the octets of one message or of several.

use crate::config::{SmppAlphabet, SmppConfig, SmppLong};
use crate::domain::notice::{Encoding, gsm7, plan};

/// Octets of a message, and of one that begins with a header.
const WIDE: (usize, usize) = (140, 134);
/// Septets of the same, each in an octet of its own.
const NARROW: (usize, usize) = (160, 153);
/// What the words of a part begin with: six octets, of which the last three are told apart.
const HEADER: [u8; 3] = [5, 0, 3];
const MOST_PARTS: usize = 255;
const UCS2: u8 = 8;

/// The octets of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// In what they are written.
    pub data_coding: u8,
    /// One for each message; those of several begin with a header.
    pub parts: Vec<Vec<u8>>,
}

/// Writes a text; `reference` tells the parts of one message from those of another. `None` when it needs more parts than
/// there can be.
pub fn write(config: &SmppConfig, text: &str, reference: u8) -> Option<Written> {
    let (data_coding, letters, (alone, part)) = match narrow(config.alphabet, text) {
        Some(letters) => (config.data_coding, letters, NARROW),
        None => (UCS2, text.chars().map(wide).collect(), WIDE),
    };
    let whole: usize = letters.iter().map(|letter| letter.room).sum();
    if whole <= alone || config.long == SmppLong::Payload {
        return Some(Written {
            data_coding,
            parts: vec![letters.into_iter().flat_map(|letter| letter.octets).collect()],
        });
    }
    let parts = parted(letters, part);
    if parts.len() > MOST_PARTS {
        return None;
    }
    let count = u8::try_from(parts.len()).ok()?;
    let numbered = (1..=count).zip(parts);
    let headed = numbered.map(|(number, part)| [&HEADER[..], &[reference, count, number], &part[..]].concat());
    Some(Written { data_coding, parts: headed.collect() })
}

/// A letter with the room that it takes.
struct Letter {
    octets: Vec<u8>,
    room: usize,
}

fn narrow(alphabet: SmppAlphabet, text: &str) -> Option<Vec<Letter>> {
    if plan(text).encoding != Encoding::Gsm7 || (alphabet == SmppAlphabet::Ascii && !text.is_ascii()) {
        return None;
    }
    let letter = |c: char| {
        let septets = gsm7(c)?;
        let room = septets.len();
        let octets = match alphabet {
            SmppAlphabet::Gsm7 => septets,
            SmppAlphabet::Ascii => vec![u8::try_from(c).ok()?],
        };
        Some(Letter { octets, room })
    };
    text.chars().map(letter).collect()
}

fn wide(c: char) -> Letter {
    let octets: Vec<u8> = c.encode_utf16(&mut [0; 2]).iter().flat_map(|unit| unit.to_be_bytes()).collect();
    Letter { room: octets.len(), octets }
}

/// Fills parts one letter after another, since no letter is split between two parts.
fn parted(letters: Vec<Letter>, most: usize) -> Vec<Vec<u8>> {
    let mut parts = vec![Vec::new()];
    let mut used = 0;
    for letter in letters {
        if used + letter.room > most {
            parts.push(Vec::new());
            used = 0;
        }
        used += letter.room;
        if let Some(part) = parts.last_mut() {
            part.extend(letter.octets);
        }
    }
    parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn config(more: &str) -> SmppConfig {
        use figment::providers::{Format, Toml};
        let table = format!("host = \"h\"\nsystem_id = \"s\"\npassword = \"p\"\nsource = \"TTPVHCC\"\n{more}");
        figment::Figment::from(Toml::string(&table)).extract().unwrap()
    }

    #[test]
    fn letters_are_written_by_the_alphabet_that_the_centre_reads() {
        let written = |more: &str, text: &str| write(&config(more), text, 7).unwrap();
        let of = |data_coding, part: &[u8]| Written { data_coding, parts: vec![part.to_vec()] };
        assert_eq!(written("", "@a_€à"), of(0, &[0, b'a', 0x11, 0x1b, 0x65, 0x7f]));
        assert_eq!(written("alphabet = \"ascii\"\ndata_coding = 1", "@a_{"), of(1, b"@a_{"));
        assert_eq!(written("alphabet = \"ascii\"", "à").data_coding, 8);
        assert_eq!(written("", "Hồ"), of(8, &[0, b'H', 0x1e, 0xd3]));
    }

    proptest! {
        #[test]
        fn there_are_as_many_parts_as_are_paid_for(text in "[a-zA-Z0-9 {}€\\n]{0,400}|[a-zà-ỹ 🙂]{0,300}") {
            let written = write(&config(""), &text, 200).unwrap();
            prop_assert_eq!(written.parts.len(), plan(&text).segments);
            let count = u8::try_from(written.parts.len()).unwrap();
            for (number, part) in (1..).zip(&written.parts) {
                let most = if written.data_coding == 8 { 140 } else { 160 };
                prop_assert!(part.len() <= most);
                if count > 1 {
                    prop_assert_eq!(&part[..6], &[5, 0, 3, 200, count, number]);
                }
            }
        }

        #[test]
        fn a_wide_text_is_whole_again_when_its_parts_are_put_together(text in "[ồà-ỹ🙂]{68,300}") {
            let written = write(&config(""), &text, 1).unwrap();
            let octets: Vec<u8> = written.parts.iter().flat_map(|part| part[6..].to_vec()).collect();
            let units: Vec<u16> = octets.chunks(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            prop_assert_eq!(String::from_utf16(&units).unwrap(), text);
        }
    }

    #[test]
    fn what_the_centre_parts_itself_goes_whole() {
        let written = write(&config("long = \"payload\""), &"a".repeat(400), 1).unwrap();
        assert_eq!(written.parts, [vec![b'a'; 400]]);
    }
}
