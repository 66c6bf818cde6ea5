//! Finds a text in an XML answer. Entities beyond the five of XML itself and document types are never followed.

use quick_xml::Reader;
use quick_xml::events::Event;

/// Returns the text of the first element of this local name, without what its children say; none where the answer is no
/// XML up to there, or where it brings a document type.
pub fn text_of(body: &str, name: &str) -> Option<String> {
    let mut reader = Reader::from_str(body);
    let mut text: Option<String> = None;
    let mut depth = 0_usize;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) if text.is_none() && start.local_name().as_ref() == name => text = Some(String::new()),
            Event::Empty(empty) if text.is_none() && empty.local_name().as_ref() == name => return Some(String::new()),
            Event::Start(_) if text.is_some() => depth += 1,
            Event::End(_) if text.is_some() && depth == 0 => return text.map(|text| text.trim().to_owned()),
            Event::End(_) if text.is_some() => depth -= 1,
            Event::Text(found) => {
                if let Some(text) = text.as_mut().filter(|_| depth == 0) {
                    text.push_str(&found);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(text) = text.as_mut().filter(|_| depth == 0) {
                    let entity = format!("&{};", &*reference);
                    text.push_str(&quick_xml::escape::unescape(&entity).ok()?);
                }
            }
            Event::CData(found) => {
                if let Some(text) = text.as_mut().filter(|_| depth == 0) {
                    text.push_str(&found);
                }
            }
            Event::DocType(_) | Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::text_of;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_found_whatever_the_prefix() {
        let soap = "<?xml version='1.0'?><S:Envelope xmlns:S='x'><S:Body><n:r xmlns:n='y'><result> 1 </result>\
                    <message>a &lt; b &#38; c<![CDATA[ <d>]]></message><none/></n:r></S:Body></S:Envelope>";
        assert_eq!(text_of(soap, "result").as_deref(), Some("1"));
        assert_eq!(text_of(soap, "message").as_deref(), Some("a < b & c <d>"));
        assert_eq!(text_of(soap, "none").as_deref(), Some(""));
        assert_eq!(text_of(soap, "missing"), None);
    }

    #[test]
    fn nothing_outside_is_followed_and_nothing_is_unpacked() {
        let outside = "<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><r><result>&x;</result></r>";
        assert_eq!(text_of(outside, "result"), None);
        assert_eq!(text_of("<r><result>&lol9;</result></r>", "result"), None);
    }

    proptest! {
        #[test]
        fn rubbish_is_read_without_a_fault(body in "\\PC*|[<>/a&;!\\[\\]-]*") {
            let _read = text_of(&body, "a");
        }
    }
}
