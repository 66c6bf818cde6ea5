//! What travels on a link of SMPP 3.4, as octets: the few operations that are used here.
//!
//! Written by hand: what is used is small, and centres send receipts that stricter readers refuse.

/// The operations.
pub mod id {
    /// What was sent was not understood.
    pub const GENERIC_NACK: u32 = 0x8000_0000;
    /// A log-in, for both ways.
    pub const BIND_TRANSCEIVER: u32 = 0x0000_0009;
    /// A message on its way.
    pub const SUBMIT_SM: u32 = 0x0000_0004;
    /// A receipt, or a message from a phone.
    pub const DELIVER_SM: u32 = 0x0000_0005;
    /// The end of a link.
    pub const UNBIND: u32 = 0x0000_0006;
    /// Whether the other is there.
    pub const ENQUIRE_LINK: u32 = 0x0000_0015;
    /// The mark of an answer.
    pub const ANSWER: u32 = 0x8000_0000;
}

/// What an answer says.
pub mod status {
    /// Done.
    pub const OK: u32 = 0;
    /// Unknown operation.
    pub const INVALID_COMMAND: u32 = 0x03;
    /// The queue is full.
    pub const QUEUE_FULL: u32 = 0x14;
}

/// Optional parameters.
mod tag {
    pub const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
    pub const USER_MESSAGE_REFERENCE: u16 = 0x0204;
    pub const MESSAGE_PAYLOAD: u16 = 0x0424;
    pub const MESSAGE_STATE: u16 = 0x0427;
}

/// The octets before a body.
const HEADER: usize = 16;
/// The longest that is read; more is rubbish.
pub const LONGEST: usize = 64 * 1024;
const VERSION_3_4: u8 = 0x34;

/// One operation or answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// Which.
    pub id: u32,
    /// What an answer says; 0 otherwise.
    pub status: u32,
    /// By which an answer finds its question.
    pub number: u32,
    /// The rest.
    pub body: Vec<u8>,
}

impl Pdu {
    /// Makes one without a body.
    pub fn empty(id: u32, status: u32, number: u32) -> Self {
        Self { id, status, number, body: Vec::new() }
    }

    /// Writes it; `None` when it is too long to be one.
    pub fn write(&self) -> Option<Vec<u8>> {
        let length = u32::try_from(HEADER + self.body.len()).ok()?;
        let header = [length, self.id, self.status, self.number];
        Some(header.iter().flat_map(|field| field.to_be_bytes()).chain(self.body.iter().copied()).collect())
    }

    /// Reads what follows the four octets of the length.
    pub fn read(octets: &[u8]) -> Option<Self> {
        let mut reader = Reader(octets);
        let (id, status, number) = (reader.u32()?, reader.u32()?, reader.u32()?);
        Some(Self { id, status, number, body: reader.0.to_vec() })
    }

    /// How many octets follow those of the length; `None` for what can't be one.
    pub fn rest(length: [u8; 4]) -> Option<usize> {
        let length = usize::try_from(u32::from_be_bytes(length)).ok()?;
        (HEADER..=LONGEST).contains(&length).then(|| length - 4)
    }

    /// The number that the centre gave a message, in the answer to it.
    pub fn message_id(&self) -> Option<String> {
        Reader(&self.body).text().filter(|id| !id.is_empty())
    }
}

/// Who logs in.
pub struct Bind<'a> {
    /// The account.
    pub system_id: &'a str,
    /// Its password.
    pub password: &'a str,
    /// What kind of system; often empty.
    pub system_type: &'a str,
}

impl Bind<'_> {
    /// Writes the body.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        [self.system_id, self.password, self.system_type].iter().for_each(|text| put_text(&mut body, text));
        body.extend([VERSION_3_4, 0, 0, 0]);
        body
    }
}

/// A number or name with what kind it is.
#[derive(Debug, Clone)]
pub struct Address {
    /// The type of number.
    pub ton: u8,
    /// The numbering plan.
    pub npi: u8,
    /// The digits or letters.
    pub text: String,
}

/// One message, or a part of one.
pub struct Submit<'a> {
    /// From whom.
    pub source: &'a Address,
    /// To whom.
    pub destination: &'a Address,
    /// 0x40 where the words begin with a header.
    pub esm_class: u8,
    /// Whether a receipt is wanted: 1 or 0.
    pub registered_delivery: u8,
    /// In what the words are written.
    pub data_coding: u8,
    /// The words.
    pub words: &'a [u8],
    /// Our own number, as far as it fits.
    pub reference: u16,
}

impl Submit<'_> {
    /// Writes the body; more words than fit go as `message_payload`.
    pub fn body(&self) -> Vec<u8> {
        let mut body = Vec::new();
        put_text(&mut body, "");
        for address in [self.source, self.destination] {
            body.extend([address.ton, address.npi]);
            put_text(&mut body, &address.text);
        }
        // Protocol, priority, schedule, validity.
        body.extend([self.esm_class, 0, 0, 0, 0]);
        body.extend([self.registered_delivery, 0, self.data_coding, 0]);
        match u8::try_from(self.words.len()) {
            Ok(length) if length < u8::MAX => {
                body.push(length);
                body.extend(self.words);
            }
            _ => {
                body.push(0);
                put_parameter(&mut body, tag::MESSAGE_PAYLOAD, self.words);
            }
        }
        put_parameter(&mut body, tag::USER_MESSAGE_REFERENCE, &self.reference.to_be_bytes());
        body
    }
}

/// What a centre delivers, as far as receipts need it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deliver {
    /// 0x04 among its bits: a receipt.
    pub esm_class: u8,
    /// Its words.
    pub words: Vec<u8>,
    /// The number of the message that it is about.
    pub receipted: Option<String>,
    /// The state of the message that it is about.
    pub state: Option<u8>,
}

impl Deliver {
    /// Reads the body; parameters that can't be read are passed over with all behind them.
    pub fn read(body: &[u8]) -> Option<Self> {
        let mut reader = Reader(body);
        reader.text()?;
        for _address in 0..2 {
            reader.take(2)?;
            reader.text()?;
        }
        let esm_class = reader.u8()?;
        // Protocol and priority, schedule and validity, then what a message is sent with.
        reader.take(2)?;
        reader.text()?;
        reader.text()?;
        reader.take(4)?;
        let length = reader.u8()?;
        let words = reader.take(length.into())?.to_vec();
        let mut read = Self { esm_class, words, ..Self::default() };
        while let Some((tag, value)) = reader.parameter() {
            match tag {
                tag::RECEIPTED_MESSAGE_ID => read.receipted = Reader(value).text_to_end(),
                tag::MESSAGE_STATE => read.state = value.first().copied(),
                tag::MESSAGE_PAYLOAD => read.words = value.to_vec(),
                _ => {}
            }
        }
        Some(read)
    }
}

fn put_text(body: &mut Vec<u8>, text: &str) {
    body.extend(text.bytes().filter(|byte| *byte != 0));
    body.push(0);
}

fn put_parameter(body: &mut Vec<u8>, tag: u16, value: &[u8]) {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
    body.extend(tag.to_be_bytes());
    body.extend(length.to_be_bytes());
    body.extend(value.iter().take(length.into()));
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        self.take(2)?.try_into().ok().map(u16::from_be_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = String::from_utf8_lossy(self.take(end)?).into_owned();
        self.take(1)?;
        Some(text)
    }

    /// Some centres end it, some do not.
    fn text_to_end(&mut self) -> Option<String> {
        let text = String::from_utf8_lossy(self.0).trim_end_matches('\0').to_owned();
        (!text.is_empty()).then_some(text)
    }

    fn parameter(&mut self) -> Option<(u16, &'a [u8])> {
        let (tag, length) = (self.u16()?, self.u16()?);
        Some((tag, self.take(length.into())?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;
    use proptest::prelude::*;

    /// The example of the specification (SMPP 3.4, 3.2.3), with the operation and version of ours.
    #[test]
    fn a_log_in_is_written_as_the_specification_shows_it() {
        let bind = Bind { system_id: "SMPP3TEST", password: "secret08", system_type: "SUBMIT1" };
        let pdu = Pdu { id: id::BIND_TRANSCEIVER, status: 0, number: 1, body: bind.body() };
        let expected = "0000002f000000090000000000000001534d50503354455354007365637265743038005355424d495431003400\
                        0000";
        assert_eq!(HEXLOWER.encode(&pdu.write().unwrap()), expected);
    }

    #[test]
    fn a_message_is_written_field_by_field() {
        let source = Address { ton: 5, npi: 0, text: "TTPVHCC".to_owned() };
        let destination = Address { ton: 1, npi: 1, text: "84905123456".to_owned() };
        let submit = Submit {
            source: &source,
            destination: &destination,
            esm_class: 0,
            registered_delivery: 1,
            data_coding: 0,
            words: b"Ho so",
            reference: 0xbeef,
        };
        let expected = [
            &b"\0\x05\0TTPVHCC\0\x01\x0184905123456\0"[..],
            &[0, 0, 0, 0, 0, 1, 0, 0, 0, 5],
            b"Ho so",
            &[0x02, 0x04, 0, 2, 0xbe, 0xef],
        ];
        assert_eq!(submit.body(), expected.concat());
        let long = vec![b'a'; 400];
        let body = Submit { words: &long, ..submit }.body();
        let payload = [&[0, 0x04, 0x24, 0x01, 0x90][..], &long[..]].concat();
        assert!(body.windows(payload.len()).any(|window| window == payload));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(id: u32, status: u32, number: u32, body in prop::collection::vec(any::<u8>(), 0..300)) {
            let pdu = Pdu { id, status, number, body };
            let written = pdu.write().unwrap();
            prop_assert_eq!(Pdu::rest(written[..4].try_into().unwrap()), Some(written.len() - 4));
            prop_assert_eq!(Pdu::read(&written[4..]), Some(pdu));
        }

        #[test]
        fn rubbish_is_read_without_a_fault(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            let _read = (Pdu::read(&octets), Deliver::read(&octets));
        }
    }
}
