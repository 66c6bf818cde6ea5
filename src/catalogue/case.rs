//! Cases as a body writes them: one code, or a list of codes and of `{code, amount}`.

use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::domain::procedure::{Amount, ChosenCase};

/// The cases chosen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cases(pub Vec<ChosenCase>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    code: String,
    #[serde(default)]
    amount: Option<Amount>,
}

struct One(ChosenCase);

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(OneCase)
    }
}

impl<'de> Deserialize<'de> for Cases {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ManyCases)
    }
}

struct OneCase;

impl<'de> Visitor<'de> for OneCase {
    type Value = One;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code of a case, or {code, amount}")
    }

    fn visit_str<E: Error>(self, code: &str) -> Result<One, E> {
        Ok(One(ChosenCase { code: code.to_owned(), amount: None }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<One, A::Error> {
        let Written { code, amount } = Written::deserialize(MapAccessDeserializer::new(map))?;
        Ok(One(ChosenCase { code, amount }))
    }
}

struct ManyCases;

impl<'de> Visitor<'de> for ManyCases {
    type Value = Cases;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the code of a case, or a list of codes or of {code, amount}")
    }

    fn visit_unit<E: Error>(self) -> Result<Cases, E> {
        Ok(Cases::default())
    }

    fn visit_str<E: Error>(self, code: &str) -> Result<Cases, E> {
        OneCase.visit_str(code).map(|one| Cases(vec![one.0]))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Cases, A::Error> {
        OneCase.visit_map(map).map(|one| Cases(vec![one.0]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cases, A::Error> {
        let mut cases = Vec::new();
        while let Some(One(case)) = seq.next_element()? {
            cases.push(case);
        }
        Ok(Cases(cases))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<(String, Option<u32>)>, String> {
        let cases: Cases = serde_json::from_str(json).map_err(|err| err.to_string())?;
        let pair = |case: ChosenCase| (case.code, case.amount.map(Amount::hundredths));
        Ok(cases.0.into_iter().map(pair).collect())
    }

    #[test]
    fn one_code_and_a_list_are_both_read() {
        let plain = vec![("verification".to_owned(), None)];
        assert_eq!(read(r#""verification""#).unwrap(), plain);
        assert_eq!(read(r#"["verification"]"#).unwrap(), plain);
        assert_eq!(read(r#"[{"code":"verification"}]"#).unwrap(), plain);
        let open = vec![("verification".to_owned(), Some(250))];
        assert_eq!(read(r#"{"code":"verification","amount":2.5}"#).unwrap(), open);
        assert_eq!(read(r#"[{"code":"verification","amount":"2.5"}]"#).unwrap(), open);
    }

    #[test]
    fn anything_else_is_refused() {
        for json in ["1", "true", r#"[1]"#, r#"{"amount":1}"#, r#"{"code":"a","x":1}"#] {
            assert!(read(json).is_err(), "{json}");
        }
    }
}
