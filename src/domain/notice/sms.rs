//! How an SMS is folded to ASCII and counted, and how much room a text may take.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Encoding;

/// How a text travels: by which alphabet, in how many parts, and what is free in the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// The alphabet.
    pub encoding: Encoding,
    /// The parts that are paid for; an empty text is one.
    pub segments: usize,
    /// What still fits into the last part: septets, or units of UTF-16.
    pub chars_left: usize,
}

/// Letters of one septet, GSM 03.38. All of Vietnamese with marks but à è é ì ò ù is missing.
const GSM7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Letters of two: an escape and another.
const GSM7_EXTENSION: &str = "\u{c}^{}\\[~]|€";

/// What announces a letter of two.
const ESCAPE: u8 = 0x1b;

/// Returns the septets of a letter; `None` for what the alphabet lacks.
pub fn gsm7(c: char) -> Option<Vec<u8>> {
    let codes = (0_u8..).filter(|code| *code != ESCAPE);
    if let Some((code, _)) = codes.zip(GSM7.chars()).find(|(_, letter)| *letter == c) {
        return Some(vec![code]);
    }
    let extended = [0x0a, 0x14, 0x28, 0x29, 0x2f, 0x3c, 0x3d, 0x3e, 0x40, 0x65].into_iter().zip(GSM7_EXTENSION.chars());
    extended.into_iter().find(|(_, letter)| *letter == c).map(|(code, _)| vec![ESCAPE, code])
}

/// Returns how a text travels.
pub fn plan(text: &str) -> Plan {
    match text.chars().map(septets).collect::<Option<Vec<_>>>() {
        Some(costs) => planned(Encoding::Gsm7, &costs, 160, 153),
        None => {
            let costs: Vec<_> = text.chars().map(char::len_utf16).collect();
            planned(Encoding::Ucs2, &costs, 70, 67)
        }
    }
}

fn septets(c: char) -> Option<usize> {
    if GSM7.contains(c) {
        return Some(1);
    }
    GSM7_EXTENSION.contains(c).then_some(2)
}

/// Fills parts one letter after another, since no letter is split between two parts.
fn planned(encoding: Encoding, costs: &[usize], alone: usize, part: usize) -> Plan {
    let whole: usize = costs.iter().sum();
    if whole <= alone {
        return Plan { encoding, segments: 1, chars_left: alone - whole };
    }
    let (mut segments, mut used) = (1, 0);
    for cost in costs {
        if used + cost > part {
            segments += 1;
            used = 0;
        }
        used += cost;
    }
    Plan { encoding, segments, chars_left: part - used }
}

/// Returns how the longest of many texts may travel, `text` being one that takes as much room as any of them. Each
/// part is taken to hold one unit less than it does: letters of two units may leave one free.
pub fn plan_at_worst(text: &str) -> Plan {
    let Plan { encoding, segments, chars_left } = plan(text);
    if segments <= 1 {
        return Plan { encoding, segments, chars_left };
    }
    let (whole, part) = match encoding {
        Encoding::Gsm7 => (text.chars().filter_map(septets).sum::<usize>(), 152),
        _ => (text.chars().map(char::len_utf16).sum(), 66),
    };
    let segments = whole.div_ceil(part);
    Plan { encoding, segments, chars_left: segments * part - whole }
}

/// Returns the room that a text takes at most, whether it goes as it is or folded: units of UTF-16 or septets. That of
/// two texts together is that of both.
pub fn room(text: &str) -> usize {
    text.chars().map(room_of).sum()
}

fn room_of(c: char) -> usize {
    let as_it_is = c.len_utf16().max(septets(c).unwrap_or(0));
    if c.is_ascii() {
        return as_it_is;
    }
    let mut folded = String::new();
    c.nfkd().for_each(|c| push_folded(&mut folded, c));
    as_it_is.max(folded.chars().filter_map(septets).sum())
}

/// Shortens a text to a room of `longest`: trimmed, cut between words where one ends in the second half, and ended by
/// `...` to say so.
pub fn shortened(text: &str, longest: usize) -> String {
    let text = text.trim();
    if room(text) <= longest {
        return text.to_owned();
    }
    let (mut kept, mut left) = (String::new(), longest.saturating_sub(DOTS.len()));
    for c in text.chars() {
        let Some(rest) = left.checked_sub(room_of(c)) else { break };
        left = rest;
        kept.push(c);
    }
    let word_end = kept.rfind(char::is_whitespace).filter(|end| end * 2 > kept.len());
    kept.truncate(word_end.unwrap_or(kept.len()));
    format!("{}{}", kept.trim_end(), DOTS.get(..longest.min(DOTS.len())).unwrap_or_default())
}

const DOTS: &str = "...";

/// Folds a text to printable ASCII: marks off, đ to d, typographic signs to plain ones, whatever else is left
/// dropped, so that nobody reads question marks; spaces in a row become one.
pub fn fold_sms(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    text.nfkd().for_each(|c| push_folded(&mut folded, c));
    folded.trim().to_owned()
}

/// Puts what a letter of a decomposed text becomes behind what is folded already.
fn push_folded(folded: &mut String, c: char) {
    match c {
        c if is_combining_mark(c) => {}
        'đ' => folded.push('d'),
        'Đ' => folded.push('D'),
        '‘' | '’' | '‚' | '′' | '`' => folded.push('\''),
        '“' | '”' | '„' | '«' | '»' | '″' => folded.push('"'),
        '‐' | '‑' | '‒' | '–' | '—' | '―' | '−' => folded.push('-'),
        '…' => folded.push_str("..."),
        '•' | '·' => folded.push('-'),
        '×' => folded.push('x'),
        '⁄' => folded.push('/'),
        '₫' => folded.push('d'),
        c if c.is_ascii_graphic() => folded.push(c),
        c if c.is_whitespace() && !folded.ends_with(' ') => folded.push(' '),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn vietnamese_is_folded_as_people_type_it() {
        assert_eq!(
            fold_sms("Hồ sơ “đã có kết quả sớm” – ĐẶNG THỊ ÁNH… 20.000 ₫"),
            "Ho so \"da co ket qua som\" - DANG THI ANH... 20.000 d"
        );
        assert_eq!(fold_sms("a\u{0}b 🙂 c\r\nd"), "ab c d");
    }

    #[test]
    fn parts_are_counted_at_their_edges() {
        let of = |text: &str| (plan(text).encoding, plan(text).segments, plan(text).chars_left);
        assert_eq!(of(""), (Encoding::Gsm7, 1, 160));
        assert_eq!(of(&"a".repeat(160)), (Encoding::Gsm7, 1, 0));
        assert_eq!(of(&"a".repeat(161)), (Encoding::Gsm7, 2, 145));
        assert_eq!(of(&"a".repeat(306)), (Encoding::Gsm7, 2, 0));
        assert_eq!(of(&"a".repeat(307)), (Encoding::Gsm7, 3, 152));
        assert_eq!(of(&"[".repeat(80)), (Encoding::Gsm7, 1, 0));
        assert_eq!(of(&"ơ".repeat(70)), (Encoding::Ucs2, 1, 0));
        assert_eq!(of(&"ơ".repeat(71)), (Encoding::Ucs2, 2, 63));
        assert_eq!(of(&"ơ".repeat(134)), (Encoding::Ucs2, 2, 0));
        assert_eq!(of("àèéìòù€"), (Encoding::Gsm7, 1, 152));
    }

    #[test]
    fn no_letter_is_split_between_parts() {
        // 152 septets, then an extension letter of two, which must start the second part.
        let text = format!("{}{}", "a".repeat(152), "[".repeat(10));
        assert_eq!(plan(&text).segments, 2);
        assert_eq!(plan(&text).chars_left, 133);
        // 66 units, then a pair.
        let text = format!("{}{}", "ơ".repeat(66), "🙂".repeat(3));
        assert_eq!(plan(&text).segments, 2);
        assert_eq!(plan(&text).chars_left, 61);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn folding_gives_ascii_and_folding_again_changes_nothing(text in "\\PC*|[À-ỹ “”–…\\[\\]]*|.*") {
            let folded = fold_sms(&text);
            prop_assert!(folded.chars().all(|c| c == ' ' || c.is_ascii_graphic()), "{}", folded);
            prop_assert!(!folded.contains("  "));
            prop_assert_eq!(fold_sms(&folded), folded.clone());
            prop_assert_eq!(plan(&folded).encoding, Encoding::Gsm7);
        }

        #[test]
        fn what_is_left_in_the_last_part_is_exactly_what_fits(text in "[a-z\\[€]{0,400}|[a-zơ🙂]{0,200}") {
            let planned = plan(&text);
            // Within one message, plain letters fill the free places and one more starts another part.
            let filled = format!("{text}{}", "a".repeat(planned.chars_left));
            prop_assert_eq!(plan(&filled).segments, planned.segments);
            let over = format!("{filled}a");
            prop_assert_eq!(plan(&over).segments, planned.segments + 1);
        }

        #[test]
        fn what_is_shortened_fits_and_says_so(text in "\\PC{0,80}|[À-ỹ …½\\[\\]🙂]{0,80}|.*", longest in 3..60_usize) {
            let short = shortened(&text, longest);
            prop_assert!(room(&short) <= longest);
            prop_assert_eq!(shortened(&short, longest), short.clone());
            match room(text.trim()) <= longest {
                true => prop_assert_eq!(short, text.trim()),
                false => {
                    let kept = short.strip_suffix("...");
                    prop_assert!(kept.is_some_and(|kept| text.trim().starts_with(kept)), "{}", short);
                }
            }
        }

        #[test]
        fn no_text_travels_in_more_than_its_room(text in "\\PC*|[À-ỹ …½\\[\\]🙂€]{0,300}|.*") {
            let planned = plan(&text);
            let most = plan_at_worst(&"ơ".repeat(room(&text))).segments;
            prop_assert!(planned.segments <= most.max(1));
            prop_assert!(plan(&fold_sms(&text)).segments <= most.max(1));
            prop_assert!(planned.segments <= plan_at_worst(&text).segments);
        }
    }

    #[test]
    fn words_of_people_are_cut_between_words() {
        let place = "Trung tâm Phục vụ hành chính công tỉnh Gia Lai";
        assert_eq!(shortened(place, 30), "Trung tâm Phục vụ hành...");
        assert_eq!(shortened("Nghĩahànhtrungtâmphụcvụ", 10), "Nghĩahà...");
        assert_eq!(shortened("  đủ chỗ ", 10), "đủ chỗ");
    }
}
