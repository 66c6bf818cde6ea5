//! A service with a provider, and a log-in step by step.

use motcua::config::{Config, OpenIdConfig};
use reqwest::Url;
use serde_json::json;

use super::browser::{self, BACK, Back};
use crate::support::answer::Answer;
use crate::support::app::TestApp;

pub const CLIENT: &str = "motcua";
pub const SECRET: &str = "a secret that the provider knows as well";

/// The routes of citizens.
pub const CITIZENS: &str = "/citizen/log-ins";

/// Fills a section of the settings.
pub fn fill(section: &mut OpenIdConfig, issuer: &str) {
    section.issuer = issuer.to_owned();
    section.client_id = CLIENT.to_owned();
    section.client_secret = SECRET.to_owned().into();
    section.redirect_uri = BACK.to_owned();
}

/// Both sections with one provider.
pub fn with_provider(issuer: &str) -> impl FnOnce(&mut Config) {
    let issuer = issuer.to_owned();
    move |config| {
        fill(&mut config.citizen_log_in, &issuer);
        fill(&mut config.single_sign_on, &issuer);
    }
}

/// A log-in that has begun.
pub struct Begun {
    pub path: String,
    pub url: Url,
    pub secret: String,
}

impl TestApp {
    /// A real provider lives in real time.
    pub fn live_now(&self) {
        self.state.clock.set(std::time::SystemTime::now().into());
    }

    /// Begins a log-in.
    pub async fn begin(&self, path: &str) -> Begun {
        let begun = self.send(self.http.post(self.url(path))).await.expect(201);
        let url = Url::parse(&begun.field("authorization_url")).unwrap();
        Begun { path: format!("{path}/{}", begun.field("id")), url, secret: begun.field("secret") }
    }

    /// Ends a log-in with what the browser was sent back with.
    pub async fn end(&self, begun: &Begun, back: &Back) -> Answer {
        let form = json!({"code": back.code, "state": back.state, "secret": begun.secret});
        self.post(&begun.path, "", &form).await
    }

    /// Logs in at the provider, from the beginning to the end.
    pub async fn log_in_as(&self, path: &str, user: &str) -> Answer {
        let begun = self.begin(path).await;
        let back = browser::log_in(begun.url.as_str(), user).await;
        self.end(&begun, &back).await
    }
}
