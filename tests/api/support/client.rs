//! How tests ask the service: signed or not, in JSON or as they please.

use reqwest::RequestBuilder;
use serde_json::Value;

use super::answer::Answer;
use super::app::TestApp;

impl TestApp {
    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.send(self.http.get(self.url(path)).bearer_auth(token)).await
    }

    pub async fn delete(&self, path: &str, token: &str) -> Answer {
        self.send(self.http.delete(self.url(path)).bearer_auth(token)).await
    }

    pub async fn post(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.http.post(self.url(path)).bearer_auth(token).json_body(body)).await
    }

    pub async fn put(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.http.put(self.url(path)).bearer_auth(token).json_body(body)).await
    }

    pub async fn patch(&self, path: &str, token: &str, body: &Value) -> Answer {
        self.send(self.http.patch(self.url(path)).bearer_auth(token).json_body(body)).await
    }

    /// Does a verb to a dossier.
    pub async fn act(&self, code: &str, verb: &str, token: &str, body: &Value) -> Answer {
        self.post(&format!("/dossiers/{code}/actions/{verb}"), token, body).await
    }

    /// Asks as anyone may, without a credential.
    pub async fn read(&self, path: &str) -> Answer {
        self.send(self.http.get(self.url(path))).await
    }

    /// Asks as anyone may, from another address: that of the client of a proxy on this machine.
    pub async fn read_from(&self, address: &str, path: &str) -> Answer {
        self.send(self.http.get(self.url(path)).header("X-Forwarded-For", address)).await
    }

    pub async fn send(&self, request: RequestBuilder) -> Answer {
        Answer::read(request.send().await.unwrap()).await
    }

    /// Where a path of the API is.
    pub fn url(&self, path: &str) -> String {
        format!("{}/api/v1{path}", self.address())
    }
}

/// reqwest without its `json` feature.
pub trait JsonBody {
    fn json_body(self, body: &Value) -> Self;
}

impl JsonBody for RequestBuilder {
    fn json_body(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json").body(body.to_string())
    }
}
