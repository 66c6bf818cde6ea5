//! Lists in the order of a code that is each item's own.

use super::page::{self, Page};
use crate::error::{AppError, Said};

/// Which page of a list by code.
#[derive(Debug, Clone)]
pub struct ByCode {
    /// The code after which it begins.
    pub after: Option<String>,
    /// How long it is.
    pub limit: i64,
}

impl ByCode {
    /// Reads the cursor: the code of the last item of the page before.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a cursor that is none of ours, or a limit outside 1–200.
    pub fn read(cursor: Option<&str>, limit: Option<i64>) -> Result<Self, AppError> {
        let decode = |text: &str| {
            let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
            String::from_utf8(bytes).ok().filter(|code| !code.contains('\0'))
        };
        let bad = || Said::new("bad_cursor", "cursor phải lấy từ next_cursor", "cursor must come from next_cursor");
        let after = match cursor {
            None => None,
            Some(text) => Some(decode(text).ok_or_else(|| AppError::invalid("?cursor", bad()))?),
        };
        Ok(Self { after, limit: page::limit(limit)? })
    }

    /// Cuts a page off a list that was read one item further.
    pub fn cut<T>(&self, mut items: Vec<T>, code: impl Fn(&T) -> &str) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let write = |item: &T| data_encoding::BASE64URL_NOPAD.encode(code(item).as_bytes());
        let next_cursor = items.last().filter(|_| more).map(write);
        Page { items, next_cursor }
    }
}
