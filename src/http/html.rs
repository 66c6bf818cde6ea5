//! HTML for people to read and print: markup is what stands in the source, and every value is text.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use data_encoding::BASE64;
use sha2::{Digest, Sha256};

use crate::domain::notice::escape_html;

/// A page under way. Only `&'static str` can be markup, so no value that came from outside ever is.
#[derive(Debug, Default)]
pub struct Html(String);

impl Html {
    /// Starts an empty page.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds markup.
    pub fn markup(&mut self, markup: &'static str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a value as text. What can't be seen, or turns the direction of what follows, is shown as `�`.
    pub fn text(&mut self, value: &str) -> &mut Self {
        let shown: String = value.chars().map(|c| if is_hidden(c) { '\u{fffd}' } else { c }).collect();
        self.0.push_str(&escape_html(&shown));
        self
    }

    /// Adds a value between two pieces of markup.
    pub fn between(&mut self, open: &'static str, value: &str, close: &'static str) -> &mut Self {
        self.markup(open).text(value).markup(close)
    }

    /// Returns the page.
    pub fn finish(self) -> String {
        self.0
    }
}

/// Answers with a page whose only styles are these, written into it: its policy lets nothing be loaded, run, framed or
/// sent.
pub fn answer(page: String, styles: &str) -> HttpResponse {
    let hash = BASE64.encode(&Sha256::digest(styles.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    );
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_SECURITY_POLICY, policy))
        .body(page)
}

/// Control characters but line breaks and tabs, and marks that order text from right to left.
fn is_hidden(c: char) -> bool {
    let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_value_is_never_markup(value in "\\PC*|.*|[<>&\"'/=!a-z \u{202e}\u{0}-]*") {
            let mut html = Html::new();
            html.between("<p title=\"", &value, "\">").between("", &value, "</p>");
            let page = html.finish();
            prop_assert_eq!(page.matches('<').count(), 2);
            prop_assert_eq!(page.matches('>').count(), 2);
            prop_assert_eq!(page.matches('"').count(), 2);
            let hidden = page.contains(['\'', '\u{0}', '\u{202e}']);
            prop_assert!(!hidden, "{page}");
        }
    }
}
