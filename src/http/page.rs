//! Lists: `{items, next_cursor}`, by key-set paging.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::error::{AppError, Said};

/// Items of a page when nothing is said.
pub const DEFAULT_LIMIT: i64 = 50;
/// Items of a page at most.
pub const LARGEST_LIMIT: i64 = 200;

/// One page of a list.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items, in the order of the list.
    pub items: Vec<T>,
    /// Where the next page begins; `null` on the last.
    pub next_cursor: Option<String>,
}

/// Which page of a list that takes no more than that.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// 1 to 200; 50 when nothing is said.
    pub limit: Option<i64>,
}

impl PageQuery {
    /// Reads where the page begins and how many items it holds.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a cursor that is none of ours or a limit that is too small or large.
    pub fn read(&self) -> Result<(Option<Cursor>, i64), AppError> {
        let after = self.cursor.as_deref().map(Cursor::read).transpose()?;
        Ok((after, limit(self.limit)?))
    }
}

/// The key of the last item of a page: a moment and an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// The moment by which the list is ordered.
    pub at: DateTime<Utc>,
    /// The id that settles ties.
    pub id: Uuid,
}

impl Cursor {
    /// Writes the cursor.
    pub fn write(&self) -> String {
        let mut bytes = self.at.timestamp_micros().to_be_bytes().to_vec();
        bytes.extend_from_slice(self.id.as_bytes());
        data_encoding::BASE64URL_NOPAD.encode(&bytes)
    }

    /// Reads a cursor of ours.
    ///
    /// # Errors
    /// [`AppError::Invalid`] when it is none.
    pub fn read(text: &str) -> Result<Self, AppError> {
        let read = || {
            let bytes = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).ok()?;
            let (micros, id) = bytes.split_first_chunk::<8>()?;
            let at = DateTime::from_timestamp_micros(i64::from_be_bytes(*micros))?;
            Some(Self { at, id: Uuid::from_slice(id).ok()? })
        };
        read().ok_or_else(|| {
            AppError::invalid(
                "?cursor",
                Said::new(
                    "bad_cursor",
                    "cursor phải lấy từ next_cursor của trang trước",
                    "cursor must come from next_cursor of the page before",
                ),
            )
        })
    }
}

/// Checks the number of items asked for.
///
/// # Errors
/// [`AppError::Invalid`] outside 1–200.
pub fn limit(asked: Option<i64>) -> Result<i64, AppError> {
    match asked.unwrap_or(DEFAULT_LIMIT) {
        limit if (1..=LARGEST_LIMIT).contains(&limit) => Ok(limit),
        _ => Err(AppError::invalid(
            "?limit",
            Said::new("wrong_limit", "limit từ 1 đến 200", "limit must be from 1 to 200"),
        )),
    }
}

impl<T> Page<T> {
    /// Cuts a page of `limit` items off a list that was read one item further, `key` telling an item's cursor.
    pub fn cut(mut items: Vec<T>, limit: i64, key: impl Fn(&T) -> Cursor) -> Self {
        let limit = usize::try_from(limit).unwrap_or(0);
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|last| key(last).write());
        Self { items, next_cursor }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went() {
        let at = DateTime::from_timestamp_micros(1_791_784_800_123_456).unwrap();
        let cursor = Cursor { at, id: Uuid::now_v7() };
        assert_eq!(Cursor::read(&cursor.write()).unwrap(), cursor);
        assert!(Cursor::read("rubbish!").is_err());
        assert!(Cursor::read("").is_err());
    }
}
