//! What can't be read of a request, told of its field in both languages. The reader's own words are English and speak of
//! types; Vietnamese gets a sentence for each kind of them.

use actix_web::web;
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde_path_to_error::{Path, Segment};

use crate::error::{Fault, Said};

/// Where the reader stopped in a query, and why.
struct Stopped {
    at: Option<String>,
    why: String,
}

/// What a query was read into, or where it stopped: the reader of queries alone forgets the parameter.
struct Tracked<T>(Result<T, Stopped>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Tracked<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stopped = |err: serde_path_to_error::Error<D::Error>| {
            let at = err.path().iter().find_map(|segment| match segment {
                Segment::Map { key } => Some(key.clone()),
                _ => None,
            });
            Stopped { at, why: err.into_inner().to_string() }
        };
        Ok(Self(serde_path_to_error::deserialize(deserializer).map_err(stopped)))
    }
}

/// Reads a query.
///
/// # Errors
/// The fault, of the parameter where there is one.
pub(super) fn read_query<T: DeserializeOwned>(query: &str) -> Result<T, Fault> {
    let read = web::Query::<Tracked<T>>::from_query(query).map(|read| read.into_inner().0);
    let Stopped { at, why } = match read {
        Ok(Ok(read)) => return Ok(read),
        Ok(Err(stopped)) => stopped,
        Err(err) => Stopped { at: None, why: err.to_string() },
    };
    let name = named(&why).map(str::to_owned).or(at).unwrap_or_default();
    let vi = in_vietnamese(&why, ["tham số", "Tham số"]);
    Err(Fault::new(format!("?{name}"), Said::new("wrong_parameter", vi, format!("A parameter is wrong: {why}"))))
}

/// Tells what is wrong in a body, of the field at which its reader stopped.
pub(super) fn of_field(path: &Path, why: &str) -> Fault {
    let mut pointer = String::new();
    for segment in path.iter() {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    // Of a field that is not there the reader knows the place above.
    if why.starts_with("missing field")
        && let Some(name) = named(why)
    {
        push(&mut pointer, name);
    }
    let vi = in_vietnamese(why, ["trường", "Trường"]);
    Fault::new(pointer, Said::new("wrong_type", vi, format!("The field is wrong: {why}")))
}

/// Goes on a pointer by a name (RFC 6901).
pub(super) fn push(pointer: &mut String, name: &str) {
    pointer.push('/');
    pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
}

/// Returns the field that the reader's words begin with, where they are of one.
fn named(why: &str) -> Option<&str> {
    let rest =
        ["missing field `", "duplicate field `", "unknown field `"].iter().find_map(|it| why.strip_prefix(it))?;
    // A name may hold the sign that ends it; what follows the last one of an unknown name is fixed.
    let end = rest.find("`, expected ").or_else(|| rest.find("`, there are no fields")).or_else(|| rest.rfind('`'))?;
    rest.get(..end)
}

/// What the reader of dates and times says.
const DATES: [&str; 4] =
    ["input contains invalid characters", "premature end of input", "input is out of range", "trailing input"];

/// Says it in Vietnamese of a field or parameter, called by `[word, Word]`.
fn in_vietnamese(why: &str, [what, at_first]: [&str; 2]) -> String {
    let expected = why.rsplit_once(", expected ").map(|(_, expected)| expected);
    if why.starts_with("unknown field") {
        let allowed = expected.map(words).filter(|words| !words.is_empty());
        return match allowed {
            Some(words) => format!("Không có {what} này; chỉ nhận: {words}"),
            None => format!("Không có {what} này"),
        };
    }
    if why.starts_with("unknown variant") {
        return format!("Chỉ nhận: {}", expected.map(words).unwrap_or_default());
    }
    let is_of = |parts: &[&str]| parts.iter().any(|part| why.contains(part));
    if why.starts_with("missing field") {
        format!("Thiếu {what} này")
    } else if why.starts_with("duplicate field") {
        format!("{at_first} này được ghi nhiều lần; hãy ghi một lần")
    } else if why.starts_with("invalid type") {
        expected
            .and_then(kind)
            .map_or("Sai kiểu dữ liệu".to_owned(), |kind| format!("Sai kiểu dữ liệu: cần {kind}"))
    } else if is_of(&["invalid digit", "cannot parse integer"]) {
        "Phải là số nguyên".to_owned()
    } else if is_of(&["invalid value", "number too large", "number too small"]) {
        "Giá trị ngoài phạm vi cho phép".to_owned()
    } else if is_of(&DATES) {
        "Ngày phải viết như 2024-05-15, giờ như 2024-05-15T08:00:00+07:00".to_owned()
    } else if is_of(&["UUID parsing failed"]) {
        "Mã không đúng dạng UUID".to_owned()
    } else if why.starts_with("invalid length") {
        "Số phần tử không đúng".to_owned()
    } else if is_of(&["was not `true` or `false`"]) {
        "Chỉ nhận: true, false".to_owned()
    } else {
        format!("Không đọc được giá trị của {what} này")
    }
}

/// The words between signs: `` one of `a`, `b` `` → `a, b`.
fn words(expected: &str) -> String {
    expected.split('`').skip(1).step_by(2).collect::<Vec<_>>().join(", ")
}

/// Says which kind of value is expected.
fn kind(expected: &str) -> Option<&'static str> {
    Some(match expected {
        "a string" | "a borrowed string" => "chuỗi ký tự",
        "a boolean" => "true hoặc false",
        "a sequence" | "an array" => "danh sách",
        "f32" | "f64" => "số",
        "i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize" => "số nguyên",
        _ if expected.starts_with("struct") || expected.starts_with("a map") => "đối tượng",
        _ if expected.contains("date") => "ngày, giờ dạng chuỗi ký tự",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read")]
    struct Asked {
        month: String,
        periods: Option<usize>,
        bom: Option<bool>,
    }

    #[test]
    fn a_wrong_parameter_is_named_and_said_in_vietnamese() {
        let months = "month, periods, bom";
        for (query, pointer, vi) in [
            ("month=1&colour=red", "?colour", format!("Không có tham số này; chỉ nhận: {months}")),
            ("month=1&a%60b=red", "?a`b", format!("Không có tham số này; chỉ nhận: {months}")),
            ("periods=2", "?month", "Thiếu tham số này".to_owned()),
            ("month=1&month=2", "?month", "Tham số này được ghi nhiều lần; hãy ghi một lần".to_owned()),
            ("month=1&periods=two", "?periods", "Phải là số nguyên".to_owned()),
            ("month=1&periods=", "?periods", "Phải là số nguyên".to_owned()),
            ("month=1&periods=99999999999999999999", "?periods", "Giá trị ngoài phạm vi cho phép".to_owned()),
            ("month=1&bom=yes", "?bom", "Chỉ nhận: true, false".to_owned()),
        ] {
            let fault = read_query::<Asked>(query).unwrap_err();
            assert_eq!((fault.pointer.as_str(), fault.said.code), (pointer, "wrong_parameter"), "{query}");
            assert_eq!(fault.said.vi, vi, "{query}");
            assert!(fault.said.en.starts_with("A parameter is wrong: ") && !fault.said.en.contains(&vi), "{query}");
        }
        assert_eq!(read_query::<Asked>("month=1&periods=2").unwrap().periods, Some(2));
    }

    fn told(text: &str) -> (String, String) {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        let err = serde_path_to_error::deserialize::<_, Vec<Asked>>(value).unwrap_err();
        let fault = of_field(err.path(), &err.inner().to_string());
        (fault.pointer, fault.said.vi)
    }

    #[test]
    fn a_wrong_field_is_named_by_its_pointer_and_said_in_vietnamese() {
        for (text, pointer, vi) in [
            (r#"[{"month":5}]"#, "/0/month", "Sai kiểu dữ liệu: cần chuỗi ký tự"),
            (r#"[{"month":"1","periods":"2"}]"#, "/0/periods", "Sai kiểu dữ liệu: cần số nguyên"),
            (r#"[{"month":"1","periods":-2}]"#, "/0/periods", "Giá trị ngoài phạm vi cho phép"),
            (r#"[{"month":"1","bom":0}]"#, "/0/bom", "Sai kiểu dữ liệu: cần true hoặc false"),
            (r#"[{"month":"1"},{"bom":true}]"#, "/1/month", "Thiếu trường này"),
            (r#"[{"a/b.c":1}]"#, "/0/a~1b.c", "Không có trường này; chỉ nhận: month, periods, bom"),
            (r#"[7]"#, "/0", "Sai kiểu dữ liệu: cần đối tượng"),
            (r#"{}"#, "", "Sai kiểu dữ liệu: cần danh sách"),
        ] {
            assert_eq!(told(text), (pointer.to_owned(), vi.to_owned()), "{text}");
        }
    }
}
