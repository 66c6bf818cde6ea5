//! ID tokens that no honest provider hands out open nothing.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::browser::{Back, parameter};
use super::forger::Forger;
use super::given::{Begun, CITIZENS, CLIENT, SECRET, with_provider};
use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::db::Holds;

const NUMBER: &str = "052190000123";

struct Scene {
    app: TestApp,
    forger: Forger,
}

impl Scene {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut motcua::config::Config)) -> Self {
        let forger = Forger::start();
        let fill = with_provider(&forger.issuer);
        let app = TestApp::over(Holds::Nothing, "2026-10-05 09:00", |config| {
            fill(config);
            change(config);
        });
        Self { app, forger }
    }

    fn now(&self) -> DateTime<Utc> {
        self.app.state.clock.now()
    }

    /// What an honest ID token says.
    fn claims(&self, begun: &Begun) -> Value {
        json!({"iss": self.forger.issuer, "aud": CLIENT, "sub": "anh", "nonce": parameter(&begun.url, "nonce"),
            "iat": self.now().timestamp(), "exp": (self.now() + TimeDelta::minutes(5)).timestamp(),
            "id_number": NUMBER})
    }

    /// Logs in with the ID token that is made of honest claims.
    async fn log_in(&self, made: impl FnOnce(&Forger, Value) -> String) -> Answer {
        let begun = self.app.begin(CITIZENS).await;
        self.forger.hands_out(made(&self.forger, self.claims(&begun)));
        let back = Back { code: "any".to_owned(), state: parameter(&begun.url, "state") };
        self.app.end(&begun, &back).await
    }

    /// The same, signed as it should be, with some claims changed or, by `null`, left out.
    async fn log_in_with(&self, changes: Value) -> Answer {
        self.log_in(|forger, mut claims| {
            for (name, value) in changes.as_object().unwrap() {
                claims[name] = value.clone();
            }
            claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
            forger.signed(&claims)
        })
        .await
    }
}

#[track_caller]
fn is_refused(answer: &Answer, what: &str) {
    assert_eq!((answer.status, answer.code()), (401, "log_in_refused"), "{what}: {}", answer.text);
}

#[actix_web::test]
async fn an_honest_token_opens() {
    let scene = Scene::new();
    scene.log_in_with(json!({})).await.expect(200);
    // Clocks are never quite the same.
    scene.log_in_with(json!({"iat": (scene.now() + TimeDelta::seconds(30)).timestamp()})).await.expect(200);
    scene.log_in_with(json!({"aud": [CLIENT], "azp": CLIENT})).await.expect(200);
}

#[actix_web::test]
async fn a_token_that_no_published_key_has_signed_opens_nothing() {
    let scene = Scene::new();
    is_refused(&scene.log_in(|forger, claims| forger.unsigned(&claims)).await, "alg none");
    is_refused(&scene.log_in(|forger, claims| forger.signed_with_the_public_key(&claims)).await, "HS256, public key");
    is_refused(&scene.log_in(|forger, claims| forger.signed_with(SECRET, &claims)).await, "HS256, client secret");
    is_refused(&scene.log_in(|forger, claims| forger.signed_by_another(&claims)).await, "another key, same name");
    is_refused(&scene.log_in(|forger, claims| forger.signed_by_an_unknown(&claims)).await, "an unknown key");
    is_refused(&scene.log_in(|forger, claims| format!("{}x", forger.signed(&claims))).await, "a changed signature");
    for rubbish in ["", "a.b.c", "..", "eyJhbGciOiJFUzI1NiJ9.e30."] {
        is_refused(&scene.log_in(|_, _| rubbish.to_owned()).await, rubbish);
    }
}

#[actix_web::test]
async fn a_token_for_others_or_by_others_opens_nothing() {
    let scene = Scene::new();
    for changes in [
        json!({"aud": "another"}),
        json!({"aud": [CLIENT, "another"]}),
        json!({"aud": null}),
        json!({"azp": "another"}),
        json!({"iss": "https://id.example.vn"}),
        json!({"iss": null}),
        json!({"nonce": "another"}),
        json!({"nonce": null}),
    ] {
        is_refused(&scene.log_in_with(changes.clone()).await, &changes.to_string());
    }
}

#[actix_web::test]
async fn a_token_of_another_time_opens_nothing() {
    let scene = Scene::new();
    let at = |minutes: i64| (scene.now() + TimeDelta::minutes(minutes)).timestamp();
    for changes in [
        json!({"exp": at(0)}),
        json!({"exp": at(-5)}),
        json!({"exp": null}),
        json!({"iat": at(-11)}),
        json!({"iat": at(2)}),
        json!({"iat": null}),
    ] {
        is_refused(&scene.log_in_with(changes.clone()).await, &changes.to_string());
    }
}

#[actix_web::test]
async fn a_token_must_name_a_number_and_the_rest_must_be_told_of_the_same_person() {
    let scene = Scene::new();
    is_refused(&scene.log_in_with(json!({"id_number": "?"})).await, "no number");
    is_refused(&scene.log_in_with(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})).await, "another access token");
    scene.forger.tells(json!({"sub": "anh", "id_number": NUMBER}));
    scene.log_in_with(json!({"id_number": null})).await.expect(200);
    scene.forger.tells(json!({"sub": "binh", "id_number": NUMBER}));
    let answer = scene.log_in_with(json!({"id_number": null})).await;
    assert_ne!(answer.status, 200, "{}", answer.text);
}

#[actix_web::test]
async fn where_strong_log_ins_are_asked_for_others_open_nothing() {
    let scene = Scene::with(|config| config.citizen_log_in.strong_acr = vec!["level2".to_owned()]);
    is_refused(&scene.log_in_with(json!({})).await, "no acr");
    is_refused(&scene.log_in_with(json!({"acr": "level1"})).await, "level 1");
    scene.log_in_with(json!({"acr": "level2"})).await.expect(200);
}

#[actix_web::test]
async fn unknown_keys_make_the_service_ask_once_a_minute_at_most() {
    let scene = Scene::new();
    for _ in 0..5 {
        is_refused(&scene.log_in(|forger, claims| forger.signed_by_an_unknown(&claims)).await, "an unknown key");
    }
    assert_eq!(scene.forger.keys_read(), 1);
    scene.app.pass(TimeDelta::seconds(61));
    for _ in 0..5 {
        is_refused(&scene.log_in(|forger, claims| forger.signed_by_an_unknown(&claims)).await, "an unknown key");
    }
    assert_eq!(scene.forger.keys_read(), 2);
}

#[actix_web::test]
async fn endless_answers_and_redirects_are_not_followed() {
    let scene = Scene::new();
    let head = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: application/json\r\n\r\n";
    scene.forger.answers(format!("{head}{}", " ".repeat(2 << 20)));
    let answer = scene.log_in_with(json!({})).await;
    assert_eq!((answer.status, answer.code()), (503, "unavailable"));
    let elsewhere =
        "HTTP/1.1 307 Temporary Redirect\r\nConnection: close\r\nLocation: /me\r\nContent-Length: 0\r\n\r\n";
    scene.forger.answers(elsewhere.to_owned());
    is_refused(&scene.log_in_with(json!({})).await, "a redirect");
}
