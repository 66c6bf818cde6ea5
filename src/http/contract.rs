//! What operations of the contract have in common, so that no handler has to say it: the refusals that any of its
//! kind may meet, each a problem document, and the limit of lists.

use utoipa::openapi::path::{Operation, Parameter, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, Response};
use utoipa::{Modify, PartialSchema};

use super::error::{FaultDocument, ProblemDocument};
use super::page::LARGEST_LIMIT;

/// Writes what is common into the contract.
#[derive(Debug, Clone, Copy)]
pub struct Common;

const PROBLEM: &str = "ProblemDocument";
const SIGNED: [(&str, &str); 2] = [("401", "Nobody, or nobody we know, asks"), ("403", "Who asks may not")];
const NAMED: [(&str, &str); 1] = [("404", "There is none that who asks may know of")];
const ASKED: [(&str, &str); 1] = [("422", "Fields or parameters are wrong: all are named")];
const SENT: [(&str, &str); 5] = [
    ("400", "The body can't be read"),
    ("408", "The body did not come in time"),
    ("413", "The body is too large"),
    ("415", "The body is no JSON"),
    ("422", "Fields or parameters are wrong: all are named"),
];
const ANY: [(&str, &str); 1] = [("503", "The service is busy and nothing was done")];

impl Modify for Common {
    fn modify(&self, openapi: &mut OpenApi) {
        let components = openapi.components.get_or_insert_default();
        components.schemas.insert(PROBLEM.to_owned(), ProblemDocument::schema());
        components.schemas.insert("FaultDocument".to_owned(), FaultDocument::schema());
        for item in openapi.paths.paths.values_mut() {
            let reading = item.get.iter_mut().chain(item.delete.iter_mut());
            reading.for_each(|operation| complete(operation, &[]));
            let writing = item.post.iter_mut().chain(item.put.iter_mut()).chain(item.patch.iter_mut());
            writing.for_each(|operation| complete(operation, &SENT));
        }
    }
}

fn complete(operation: &mut Operation, sent: &[(&str, &str)]) {
    let is_signed = operation.security.iter().flatten().any(|way| *way != Default::default());
    let has = |place: ParameterIn| {
        operation.parameters.iter().flatten().any(|it| matches!(it, RefOr::T(it) if it.parameter_in == place))
    };
    let refusals = [
        (is_signed, SIGNED.as_slice()),
        (has(ParameterIn::Path), NAMED.as_slice()),
        (has(ParameterIn::Query), ASKED.as_slice()),
        (true, sent),
        (true, ANY.as_slice()),
    ];
    for (status, why) in refusals.into_iter().filter(|(applies, _)| *applies).flat_map(|(_, list)| list) {
        let responses = &mut operation.responses.responses;
        responses.entry((*status).to_owned()).or_insert_with(|| RefOr::T(Response::new(*why)));
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && status.starts_with(['4', '5'])
            && response.content.is_empty()
        {
            let problem = Content::new(Some(Ref::from_schema_name(PROBLEM)));
            response.content.insert("application/problem+json".to_owned(), RefOr::T(problem));
        }
    }
    operation.parameters.iter_mut().flatten().for_each(bound);
}

/// Every list takes the same number of items.
fn bound(parameter: &mut RefOr<Parameter>) {
    if let RefOr::T(parameter) = parameter
        && parameter.name == "limit"
        && let Some(RefOr::T(Schema::Object(number))) = &mut parameter.schema
    {
        number.minimum = Some(1.into());
        number.maximum = Some(LARGEST_LIMIT.into());
    }
}
