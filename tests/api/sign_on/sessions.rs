//! What a single sign-on opens: by token or cookie, and with which second factor.

use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::browser::{Back, parameter};
use super::forger::Forger;
use super::given::{Begun, CLIENT, with_provider};
use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::JsonBody;
use crate::support::db::Holds;

const STAFF: &str = "/sessions/single-sign-on";

/// A service with a provider that says whatever it is told, and an account.
struct Given {
    app: TestApp,
    forger: Forger,
    username: String,
}

impl Given {
    fn new(role: Role) -> Self {
        let forger = Forger::start();
        let fill = with_provider(&forger.issuer);
        let app = TestApp::over(Holds::TheProvince, "2026-10-05 09:00", |config| {
            fill(config);
            config.single_sign_on.strong_amr = vec!["mfa".to_owned()];
        });
        let username = app.username_of(&app.sign_in(role, "H21"));
        Self { app, forger, username }
    }

    /// Goes through the provider, which vouches for `amr`; returns what the browser brings back.
    async fn brought(&self, amr: Value) -> (Begun, Value) {
        let (begun, now) = (self.app.begin(STAFF).await, self.app.state.clock.now().timestamp());
        let mut claims = json!({"iss": self.forger.issuer, "aud": CLIENT, "sub": "somebody",
            "nonce": parameter(&begun.url, "nonce"), "iat": now, "exp": now + 300,
            "preferred_username": self.username, "amr": amr});
        claims.as_object_mut().unwrap().retain(|_, value| !value.is_null());
        self.forger.hands_out(self.forger.signed(&claims));
        let back = Back { code: "any".to_owned(), state: parameter(&begun.url, "state") };
        let form = json!({"code": back.code, "state": back.state, "secret": begun.secret});
        (begun, form)
    }

    async fn end(&self, begun: &Begun, form: &Value, origin: Option<&str>) -> Answer {
        let mut request = self.app.http.post(self.app.url(&begun.path)).json_body(form);
        if let Some(origin) = origin {
            request = request.header("Origin", origin.to_owned());
        }
        self.app.send(request).await
    }
}

#[actix_web::test]
async fn a_second_factor_counts_where_the_provider_vouches_for_one_that_the_settings_name() {
    let given = Given::new(Role::Admin);
    for (amr, status) in [(Value::Null, 403), (json!(["pwd"]), 403), (json!(["pwd", "mfa"]), 200)] {
        let (begun, form) = given.brought(amr.clone()).await;
        let opened = given.end(&begun, &form, None).await.expect(201);
        assert_eq!(opened.body["staff"]["second_factor_missing"], json!(status == 403), "{amr}");
        let answer = given.app.get("/staff", &opened.field("token")).await;
        assert_eq!(answer.status, status, "{amr}: {}", answer.text);
    }
}

#[actix_web::test]
async fn a_page_of_ours_gets_a_cookie_and_no_token_and_a_foreign_one_nothing() {
    let given = Given::new(Role::Clerk);
    let (begun, mut form) = given.brought(Value::Null).await;
    form["as"] = json!("pigeon");
    assert_eq!(given.end(&begun, &form, None).await.pointers(), ["/as"]);
    form["as"] = json!("cookie");
    let foreign = given.end(&begun, &form, Some("https://evil.example")).await;
    assert_eq!((foreign.status, foreign.code()), (403, "csrf_refused"));
    // What was refused used nothing up.
    let opened = given.end(&begun, &form, Some("http://127.0.0.1:8080")).await.expect(201);
    assert!(opened.header("Set-Cookie").starts_with("__Host-motcua=mcc_"), "{:?}", opened.headers);
    assert_eq!(opened.body.get("token"), None);
    let cookie = opened.header("Set-Cookie").split(';').next().unwrap().to_owned();
    let me = given.app.http.get(given.app.url("/me")).header("Cookie", cookie);
    assert_eq!(given.app.send(me).await.expect(200).field("role"), "clerk");
}
