//! `GET /statistics/definitions`.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};

use super::{Definition, Topic};
use crate::error::AppError;
use crate::http::body::{Faults, Query};

/// Which figures.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DefinitionsQuery {
    /// What they are about, as `quality`: the topic that an answer names in `definitions`. Without it, all.
    topic: Option<String>,
}

/// What the figures mean.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DefinitionsOut {
    items: Vec<DefinitionOut>,
}

/// What a figure means where it is about this.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DefinitionOut {
    /// What it is about; a name has one meaning in each topic.
    topic: &'static str,
    #[serde(flatten)]
    definition: Definition,
}

/// Returns what each figure means.
///
/// # Errors
/// 422.
#[utoipa::path(get, path = "/api/v1/statistics/definitions", tag = "statistics", params(DefinitionsQuery),
    responses((status = 200, body = DefinitionsOut), (status = 422)))]
pub async fn read_definitions(Query(query): Query<DefinitionsQuery>) -> Result<HttpResponse, AppError> {
    let mut faults = Faults::new();
    let topic: Option<Option<Topic>> = match &query.topic {
        Some(word) => faults.word("?topic", word).map(Some),
        None => Some(None),
    };
    let definitions = faults.finish(topic)?.map_or_else(Topic::all_definitions, Topic::definitions);
    let item = |(topic, definition): (Topic, Definition)| DefinitionOut { topic: topic.as_str(), definition };
    Ok(HttpResponse::Ok().json(DefinitionsOut { items: definitions.into_iter().map(item).collect() }))
}
