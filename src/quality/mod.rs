//! The index of service quality (QĐ 766/QĐ-TTg) as far as the house has the data for it, beside the reports' own rates,
//! which say something else: each score with its numerator, denominator and threshold, each gap with its reason.
//!
//! The rules are `domain::quality`; what is counted comes from `statistics`, as all figures do.

pub mod routes;
mod view;
