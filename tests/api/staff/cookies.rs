use chrono::TimeDelta;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use super::house::House;
use crate::support::answer::Answer;
use crate::support::client::JsonBody;

/// Where pages of the service lie, as the settings of tests say.
const OURS: &str = "http://127.0.0.1:8080";

/// A browser that has logged in.
struct Browser<'a> {
    house: &'a House,
    cookie: String,
    csrf: String,
    opened: Answer,
}

impl<'a> Browser<'a> {
    async fn of(house: &'a House, username: &str) -> Self {
        let form = json!({"username": username, "password": house.password(username), "as": "cookie"});
        let opened = house.log_in_with(&form).await.expect(201);
        let cookie = opened.header("Set-Cookie").split(';').next().unwrap().to_owned();
        Self { house, cookie, csrf: opened.field("csrf_token"), opened }
    }

    fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.house.app.http.request(method, self.house.app.url(path)).header("Cookie", &self.cookie)
    }

    async fn send(&self, request: RequestBuilder) -> Answer {
        self.house.app.send(request).await
    }

    /// Changes something, as a page of ours does.
    async fn change(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.ask(method, path).header("X-CSRF-Token", &self.csrf);
        let request = request.header("Origin", OURS).header("Sec-Fetch-Site", "same-origin");
        self.send(request.json_body(body)).await
    }

    async fn status(&self) -> u16 {
        self.send(self.ask(Method::GET, "/me")).await.status
    }
}

#[actix_web::test]
async fn a_browser_gets_a_cookie_that_no_page_reads_and_no_other_host_sets() {
    let house = House::open();
    let browser = Browser::of(&house, "clerk").await;
    let token = browser.cookie.strip_prefix("__Host-motcua=").unwrap();
    assert!(token.starts_with("mcc_"), "{token:.4}");
    let attributes = "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=43200";
    assert_eq!(browser.opened.header("Set-Cookie"), format!("{}{attributes}", browser.cookie));
    assert!(!browser.opened.text.contains(token) && browser.opened.body["token"].is_null());
    let me = browser.send(browser.ask(Method::GET, "/me")).await.expect(200);
    assert_eq!((me.field("role").as_str(), me.field("csrf_token")), ("clerk", browser.csrf.clone()));
    let listed = browser.send(browser.ask(Method::GET, "/sessions")).await.expect(200);
    assert_eq!((&listed.items()[0]["kind"], &listed.items()[0]["current"]), (&json!("cookie"), &json!(true)));
}

#[actix_web::test]
async fn what_changes_something_needs_the_proof_of_a_page_of_ours() {
    let house = House::open();
    let (browser, other) = (Browser::of(&house, "clerk").await, Browser::of(&house, "clerk").await);
    let path = "/sessions/current";
    let post = || browser.ask(Method::DELETE, path);
    let ours = || post().header("X-CSRF-Token", &browser.csrf);
    for (why, request) in [
        ("no proof", post()),
        ("another's", post().header("X-CSRF-Token", &other.csrf)),
        ("rubbish", post().header("X-CSRF-Token", "!")),
        ("a foreign page", ours().header("Origin", "https://evil.example")),
        ("a page without origin", ours().header("Origin", "null")),
        ("a foreign site", ours().header("Sec-Fetch-Site", "cross-site")),
        ("a sister host", ours().header("Sec-Fetch-Site", "same-site").header("Origin", OURS)),
    ] {
        let answer = browser.send(request).await;
        assert_eq!((answer.status, answer.code()), (403, "csrf_refused"), "{why}");
    }
    assert_eq!(browser.status().await, 200);
    browser.send(ours()).await.expect(204);
}

#[actix_web::test]
async fn a_foreign_page_logs_nobody_in() {
    let house = House::open();
    let form = json!({"username": "clerk", "password": house.password("clerk"), "as": "cookie"});
    let request = || house.app.http.post(house.app.url("/sessions")).json_body(&form);
    let refused = house.app.send(request().header("Origin", "https://evil.example")).await;
    assert_eq!((refused.status, refused.code(), refused.header("Set-Cookie")), (403, "csrf_refused", ""));
    house.app.send(request().header("Origin", OURS)).await.expect(201);
}

#[actix_web::test]
async fn cookies_and_tokens_are_never_taken_for_each_other() {
    let house = House::open();
    let browser = Browser::of(&house, "clerk").await;
    let cookie_token = browser.cookie.strip_prefix("__Host-motcua=").unwrap();
    let token = house.log_in("clerk", &house.password("clerk")).await.expect(201).field("token");
    let get = || house.app.http.get(house.app.url("/me"));
    let disguised = token.replacen("mcs_", "mcc_", 1);
    for (why, request) in [
        ("a cookie's token as bearer", get().bearer_auth(cookie_token)),
        ("a bearer's token as cookie", get().header("Cookie", format!("__Host-motcua={token}"))),
        ("disguised", get().header("Cookie", format!("__Host-motcua={disguised}"))),
        ("both", get().bearer_auth(&token).header("Cookie", &browser.cookie)),
        ("two cookies", get().header("Cookie", format!("{0}; {0}", browser.cookie))),
        ("two headers", get().header("Cookie", &browser.cookie).header("Cookie", &browser.cookie)),
        ("one of rubbish", get().header("Cookie", format!("{}; __Host-motcua=", browser.cookie))),
        ("a bearer and an empty cookie", get().bearer_auth(&token).header("Cookie", "__Host-motcua=")),
        ("quoted", get().header("Cookie", format!("__Host-motcua=\"{cookie_token}\""))),
    ] {
        let answer = house.app.send(request).await;
        assert_eq!((answer.status, answer.code()), (401, "not_signed_in"), "{why}");
    }
    // The token of one kind is none of the other in the database either.
    house.sql("UPDATE sessions SET kind = CASE kind WHEN 'cookie' THEN 'bearer' ELSE 'cookie' END");
    assert_eq!((browser.status().await, house.app.get("/me", &token).await.status), (401, 401));
}

#[actix_web::test]
async fn a_log_out_takes_the_cookie_away() {
    let house = House::open();
    let browser = Browser::of(&house, "clerk").await;
    let gone = browser.change(Method::DELETE, "/sessions/current", &json!({})).await.expect(204);
    assert_eq!(gone.header("Set-Cookie"), "__Host-motcua=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    assert_eq!(browser.status().await, 401);
}

#[actix_web::test]
async fn a_rotated_cookie_comes_with_a_new_proof_and_no_longer_life() {
    let house = House::open();
    let mut browser = Browser::of(&house, "clerk").await;
    house.app.pass(TimeDelta::hours(2));
    let rotated = browser.change(Method::POST, "/sessions/current/rotate", &json!({})).await.expect(200);
    assert!(rotated.body["token"].is_null());
    assert!(rotated.header("Set-Cookie").ends_with("Max-Age=36000"), "{}", rotated.header("Set-Cookie"));
    assert_eq!(browser.status().await, 401);
    browser.cookie = rotated.header("Set-Cookie").split(';').next().unwrap().to_owned();
    let old_proof = browser.change(Method::DELETE, "/sessions/current", &json!({})).await;
    assert_eq!((old_proof.status, old_proof.code()), (403, "csrf_refused"));
    browser.csrf = rotated.field("csrf_token");
    browser.change(Method::DELETE, "/sessions/current", &json!({})).await.expect(204);
}

#[actix_web::test]
async fn the_contract_knows_both_ways_in() {
    let house = House::open();
    let document = house.app.read("/openapi.json").await.expect(200).body;
    let scheme = &document["components"]["securitySchemes"]["cookie"];
    assert_eq!((&scheme["in"], &scheme["name"]), (&json!("cookie"), &json!("__Host-motcua")));
    let security = &document["paths"]["/api/v1/staff"]["post"]["security"];
    assert_eq!(*security, json!([{"bearer": []}, {"cookie": []}]));
    assert!(document["paths"]["/api/v1/units"]["get"]["security"].is_null());
}
