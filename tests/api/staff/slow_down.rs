use chrono::TimeDelta;
use motcua::schema::failed_log_ins;
use motcua::worker::duties;
use serde_json::{Value, json};

use diesel::prelude::*;

use super::house::House;
use crate::support::answer::Answer;
use crate::support::app::TestApp;
use crate::support::client::JsonBody;

const HERE: &str = "203.0.113.7";
const ELSEWHERE: &str = "203.0.113.8";

async fn from(app: &TestApp, address: &str, form: &Value) -> Answer {
    app.send(app.http.post(app.url("/sessions")).header("X-Forwarded-For", address).json_body(form)).await
}

async fn try_in(house: &House, address: &str, username: &str, password: &str) -> Answer {
    from(&house.app, address, &json!({"username": username, "password": password})).await
}

/// Fails so often, however long it takes.
async fn fail(house: &House, address: &str, username: &str, times: usize) {
    for _ in 0..times {
        while try_in(house, address, username, "a wrong password").await.expect_any(&[401, 429]).status == 429 {
            house.app.pass(TimeDelta::seconds(1));
        }
    }
}

/// As if a thousand had failed, none of them here or elsewhere.
async fn fail_from_everywhere(house: &House, username: &str) {
    fail(house, "198.51.100.1", username, 1).await;
    house.sql("UPDATE failed_log_ins SET failures = 1000");
}

impl Answer {
    #[track_caller]
    fn expect_any(self, statuses: &[u16]) -> Self {
        assert!(statuses.contains(&self.status), "{}", self.text);
        self
    }
}

#[actix_web::test]
async fn each_failure_after_the_fifth_doubles_the_wait_and_nothing_is_checked_before() {
    let house = House::open();
    let password = house.password("clerk");
    for _ in 0..5 {
        try_in(&house, HERE, "clerk", "a wrong password").await.expect(401);
    }
    let mut waits = Vec::new();
    for _ in 0..8 {
        let refused = try_in(&house, HERE, "clerk", &password).await;
        assert_eq!((refused.status, refused.code()), (429, "too_many_requests"), "the right one is not looked at");
        let wait: i64 = refused.header("Retry-After").parse().unwrap();
        house.app.pass(TimeDelta::seconds(wait) - TimeDelta::milliseconds(1));
        try_in(&house, HERE, "clerk", &password).await.expect(429);
        house.app.pass(TimeDelta::milliseconds(1));
        try_in(&house, HERE, "clerk", "a wrong password").await.expect(401);
        waits.push(wait);
    }
    assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[actix_web::test]
async fn a_success_clears_and_so_does_an_hour() {
    let house = House::open();
    fail(&house, HERE, "clerk", 7).await;
    house.app.pass(TimeDelta::seconds(4));
    try_in(&house, HERE, "clerk", &house.password("clerk")).await.expect(201);
    fail(&house, HERE, "clerk", 5).await;
    try_in(&house, HERE, "clerk", "a wrong password").await.expect(429);
    house.app.pass(TimeDelta::hours(1));
    for _ in 0..5 {
        try_in(&house, HERE, "clerk", "a wrong password").await.expect(401);
    }
}

#[actix_web::test]
async fn nobody_locks_anybody_out() {
    let house = House::open();
    fail_from_everywhere(&house, "clerk").await;
    // Whoever is right at once waits for nobody.
    try_in(&house, ELSEWHERE, "clerk", &house.password("clerk")).await.expect(201);
}

#[actix_web::test]
async fn failures_from_everywhere_slow_gently_whoever_mistakes() {
    let house = House::open();
    fail_from_everywhere(&house, "clerk").await;
    try_in(&house, ELSEWHERE, "clerk", "a wrong password").await.expect(401);
    let refused = try_in(&house, ELSEWHERE, "clerk", &house.password("clerk")).await.expect(429);
    assert_eq!(refused.header("Retry-After"), "5");
    // Failures of others do not lengthen the wait.
    house.app.pass(TimeDelta::seconds(4));
    fail(&house, HERE, "clerk", 1).await;
    house.app.pass(TimeDelta::seconds(1));
    try_in(&house, ELSEWHERE, "clerk", &house.password("clerk")).await.expect(201);
}

#[actix_web::test]
async fn unknown_names_are_slowed_as_known_ones() {
    let house = House::open();
    for attempt in 0..8 {
        let known = try_in(&house, HERE, "clerk", "a wrong password").await;
        let unknown = try_in(&house, HERE, "nobody", "a wrong password").await;
        assert_eq!((known.status, &known.body), (unknown.status, &unknown.body), "{attempt}");
        assert_eq!(known.header("Retry-After"), unknown.header("Retry-After"), "{attempt}");
        assert_eq!(known.status == 429, attempt >= 5, "{attempt}");
    }
    // Another name from here is another matter, and so is the case of the name not.
    try_in(&house, HERE, "officer", "a wrong password").await.expect(401);
    try_in(&house, HERE, " Clerk ", "a wrong password").await.expect(429);
}

#[actix_web::test]
async fn a_second_process_knows_of_the_failures_in_the_first() {
    let house = House::open();
    fail(&house, HERE, "clerk", 5).await;
    let mut config = (*house.app.state.config).clone();
    config.data.dir = house.app.dir.path().join("second");
    let clock = house.app.state.clock.clone();
    let state = motcua::app::state(config, &house.app.db.url, clock).unwrap();
    let listening = motcua::listening::listen(state).unwrap();
    let (address, handle) = (listening.address, listening.server.handle());
    let _server = tokio::spawn(listening.server);
    let form = json!({"username": "clerk", "password": house.password("clerk")});
    let request = house.app.http.post(format!("http://{address}/api/v1/sessions"));
    let answer = house.app.send(request.header("X-Forwarded-For", HERE).json_body(&form)).await;
    drop(handle.stop(false));
    assert_eq!(answer.status, 429, "{}", answer.text);
}

#[actix_web::test]
async fn tries_at_the_same_time_are_not_free() {
    let house = House::open();
    let tries = (0..12).map(|_| try_in(&house, HERE, "clerk", "a wrong password"));
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 401).count(), 5);
}

#[actix_web::test]
async fn wrong_codes_are_slowed_wherever_they_come_from_and_right_passwords_are_not_lost() {
    let house = House::open();
    let wrong = json!({"username": "admin", "password": house.password("admin"), "code": "000000"});
    for network in 0..5 {
        from(&house.app, &format!("198.51.{network}.1"), &wrong).await.expect(401);
    }
    let right = json!({"username": "admin", "password": house.password("admin"), "code": house.code("admin")});
    let refused = from(&house.app, HERE, &right).await.expect(429);
    assert_eq!(refused.header("Retry-After"), "1");
    house.app.pass(TimeDelta::seconds(1));
    from(&house.app, HERE, &right).await.expect(201);
}

#[actix_web::test]
async fn a_stolen_token_tries_no_faster() {
    let house = House::open();
    let token = house.token("clerk").await;
    let wrong = json!({"old_password": "a wrong password", "new_password": "a new long password"});
    for _ in 0..5 {
        house.app.put("/me/password", &token, &wrong).await.expect(422);
    }
    house.app.put("/me/password", &token, &wrong).await.expect(429);
    house.app.post("/me/second-factor", &token, &json!({"password": house.password("clerk")})).await.expect(429);
}

#[actix_web::test]
async fn what_is_kept_names_nobody_and_is_swept() {
    let house = House::open();
    fail(&house, HERE, "clerk", 1).await;
    let mut conn = house.app.db.connect();
    let keys: Vec<Vec<u8>> = failed_log_ins::table.select(failed_log_ins::key).load(&mut conn).unwrap();
    assert_eq!((keys.len(), keys[0].len()), (2, 32));
    let duty = duties().into_iter().find(|duty| duty.name == "failed log-ins").unwrap();
    assert_eq!((duty.work)(house.app.state.clone()).await.unwrap(), 0);
    house.app.pass(TimeDelta::hours(1));
    assert_eq!((duty.work)(house.app.state.clone()).await.unwrap(), 2);
}
