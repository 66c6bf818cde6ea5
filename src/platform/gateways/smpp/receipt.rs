//! Delivery receipts of SMPP: words like `id:77 sub:001 dlvrd:001 … stat:DELIVRD err:000`, or parameters that say the same.

use super::pdu::Deliver;
use crate::config::SmppReceiptIds;

/// The bits that mark what a centre delivers as a receipt.
const MARK: u8 = 0x3c;
const LONGEST: usize = 64;

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmppReceipt {
    /// The number of the message, as it was kept from the answer.
    pub reference: String,
    /// What became of it: `DELIVRD`, say.
    pub code: String,
}

/// Reads one; `None` for a message from a phone and for what says nothing of any message.
pub fn read(deliver: &Deliver, ids: SmppReceiptIds) -> Option<SmppReceipt> {
    if deliver.esm_class & MARK == 0 && deliver.receipted.is_none() {
        return None;
    }
    let words = String::from_utf8_lossy(&deliver.words);
    let number = deliver.receipted.clone().or_else(|| field(&words, "id:"))?;
    let code = field(&words, "stat:").or_else(|| deliver.state.map(|state| word_of(state).to_owned()))?;
    let radix = match ids {
        SmppReceiptIds::Same => None,
        SmppReceiptIds::Decimal => Some(10),
        SmppReceiptIds::Hexadecimal => Some(16),
    };
    Some(SmppReceipt { reference: normal(&number, radix), code: code.to_ascii_uppercase() })
}

/// Writes the number of an answer as its receipt will be found by: in decimal, where the two write it in different ways.
pub fn reference(number: &str, ids: SmppReceiptIds) -> String {
    let radix = match ids {
        SmppReceiptIds::Same => None,
        SmppReceiptIds::Decimal => Some(16),
        SmppReceiptIds::Hexadecimal => Some(10),
    };
    normal(number, radix)
}

fn normal(number: &str, radix: Option<u32>) -> String {
    let parsed = radix.and_then(|radix| u64::from_str_radix(number.trim(), radix).ok());
    parsed.map_or_else(|| number.trim().to_owned(), |number| number.to_string())
}

fn field(words: &str, name: &str) -> Option<String> {
    let from = words.to_ascii_lowercase().find(name)? + name.len();
    let value: String = words.get(from..)?.chars().take_while(|c| c.is_ascii_graphic()).take(LONGEST).collect();
    (!value.is_empty()).then_some(value)
}

fn word_of(state: u8) -> &'static str {
    match state {
        1 => "ENROUTE",
        2 => "DELIVRD",
        3 => "EXPIRED",
        4 => "DELETED",
        5 => "UNDELIV",
        6 => "ACCEPTD",
        8 => "REJECTD",
        _ => "UNKNOWN",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(words: &str) -> Deliver {
        Deliver { esm_class: 4, words: words.as_bytes().to_vec(), ..Deliver::default() }
    }

    #[test]
    fn what_a_receipt_says_is_found_in_its_words_or_beside_them() {
        let usual = "id:0123456789 sub:001 dlvrd:001 submit date:2611220900 done date:2611220901 stat:DELIVRD err:000 \
                     Text:TTPVHCC: Ho so";
        let said = |deliver: &Deliver| read(deliver, SmppReceiptIds::Same).map(|read| (read.reference, read.code));
        let expected = Some(("0123456789".to_owned(), "DELIVRD".to_owned()));
        assert_eq!(said(&of(usual)), expected);
        let beside = Deliver { receipted: Some("0123456789".to_owned()), state: Some(2), ..Deliver::default() };
        assert_eq!(said(&beside), expected);
        assert_eq!(said(&Deliver { esm_class: 0, ..of(usual) }), None, "a phone may write that");
        assert_eq!(said(&of("id:1")), None);
    }

    proptest! {
        #[test]
        fn a_receipt_finds_its_answer_however_the_two_write_the_number(number: u64) {
            for (ids, answer, receipt) in [
                (SmppReceiptIds::Same, format!("{number:x}"), format!("{number:x}")),
                (SmppReceiptIds::Decimal, format!("{number:X}"), format!("{number:010}")),
                (SmppReceiptIds::Hexadecimal, number.to_string(), format!("{number:08x}")),
            ] {
                let read = read(&of(&format!("id:{receipt} stat:UNDELIV")), ids).unwrap();
                prop_assert_eq!(read.reference, reference(&answer, ids));
            }
        }

        #[test]
        fn rubbish_is_read_without_a_fault(words in "\\PC*|(id:|stat:| |é){0,9}") {
            let _read = read(&of(&words), SmppReceiptIds::Decimal);
        }
    }
}
