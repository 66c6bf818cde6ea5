//! Rows of counts as the database tells them.

/// Declares a row of counts of a unit and a field, and how the rules see it: a count has one name, in the SQL, in the row and
/// in the domain.
macro_rules! row_of_counts {
    ($(#[$meta:meta])* $row:ident of $field:ty as $field_sql:ty => $counts:ident { $($name:ident),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, diesel::QueryableByName)]
        pub(in crate::statistics) struct $row {
            #[diesel(sql_type = diesel::sql_types::Uuid)]
            pub unit_id: uuid::Uuid,
            #[diesel(sql_type = $field_sql)]
            pub field_id: $field,
            $(#[diesel(sql_type = diesel::sql_types::BigInt)] $name: i64,)+
        }

        impl From<&$row> for $counts {
            fn from(row: &$row) -> Self {
                Self { $($name: row.$name),+ }
            }
        }
    };
}
pub(super) use row_of_counts;
