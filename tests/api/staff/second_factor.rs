use chrono::TimeDelta;
use motcua::staff::command::{StaffCommand, Terminal, staff};
use motcua::staff::demo::make_accounts;
use serde_json::{Value, json};

use super::house::{House, code_at};

const PATH: &str = "/me/second-factor";
const CONFIRM: &str = "/me/second-factor/confirm";
const STEP_UP: &str = "/sessions/current/second-factor";
const REMOVE: &str = "/me/second-factor/remove";

/// An app that shows codes, and the recovery codes that somebody has put away.
struct Enrolled {
    secret: String,
    recovery_codes: Vec<String>,
}

impl Enrolled {
    /// Gives a demo account a second factor through its own session.
    async fn of(house: &House, username: &str, token: &str) -> Self {
        let proof = json!({"password": house.password(username)});
        let started = house.app.post(PATH, token, &proof).await.expect(201);
        assert_eq!(started.header("Cache-Control"), "no-store");
        let secret = started.field("secret");
        let code = code_at(&secret, house.app.state.clock.now());
        let confirmed = house.app.post(CONFIRM, token, &json!({"code": code})).await.expect(200);
        assert_eq!(confirmed.header("Cache-Control"), "no-store");
        Self { secret, recovery_codes: codes(&confirmed.body) }
    }

    fn code(&self, house: &House) -> String {
        code_at(&self.secret, house.app.state.clock.now())
    }
}

fn codes(body: &Value) -> Vec<String> {
    let codes = body["recovery_codes"].as_array().unwrap();
    codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect()
}

async fn role_of(house: &House, token: &str) -> Value {
    house.app.get("/me", token).await.expect(200).body
}

#[actix_web::test]
async fn the_demos_admin_comes_in_by_password_and_code() {
    let house = House::open();
    let answer = house.log_in_by_code("admin", &house.code("admin")).await.expect(201);
    assert_eq!(answer.body["staff"]["second_factor_missing"], false);
    house.app.get("/staff", &answer.field("token")).await.expect(200);
}

#[actix_web::test]
async fn the_right_password_without_a_code_is_told_what_is_missing_and_nobody_else() {
    let house = House::open();
    let needed = house.log_in("admin", &house.password("admin")).await;
    assert_eq!((needed.status, needed.code()), (401, "second_factor_needed"));
    let unknown = house.log_in("nobody", "a password of length").await;
    for (username, password, code) in [
        ("admin", "a password of length".to_owned(), None),
        ("admin", "a password of length".to_owned(), Some(house.code("admin"))),
        ("admin", house.password("admin"), Some("000000".to_owned())),
        ("admin", house.password("admin"), Some("0000-0000-0000".to_owned())),
        ("admin", house.password("admin"), Some(String::new())),
        ("clerk", "a password of length".to_owned(), Some("000000".to_owned())),
    ] {
        let answer = house.log_in_with(&json!({"username": username, "password": password, "code": code})).await;
        assert_eq!((answer.status, &answer.body), (401, &unknown.body), "{username} {code:?}");
    }
    house.sql("UPDATE staff SET disabled_at = created_at WHERE username = 'admin'");
    let disabled = house.log_in("admin", &house.password("admin")).await;
    assert_eq!((disabled.status, &disabled.body), (401, &unknown.body));
}

#[actix_web::test]
async fn a_code_opens_once_and_for_a_step_before_and_after() {
    let house = House::open();
    let code = house.code("admin");
    house.log_in_by_code("admin", &code).await.expect(201);
    assert_eq!(house.log_in_by_code("admin", &code).await.status, 401);
    house.app.pass(TimeDelta::seconds(30));
    assert_eq!(house.log_in_by_code("admin", &code).await.status, 401);
    let late = house.code("admin");
    house.app.pass(TimeDelta::seconds(30));
    house.log_in_by_code("admin", &late).await.expect(201);
    let too_late = house.code("admin");
    house.app.pass(TimeDelta::seconds(60));
    assert_eq!(house.log_in_by_code("admin", &too_late).await.status, 401);
    house.app.pass(TimeDelta::minutes(-4));
    assert_eq!(house.log_in_by_code("admin", &house.code("admin")).await.status, 401, "older than the last used");
}

#[actix_web::test]
async fn of_two_log_ins_with_one_code_one_comes_in() {
    let house = House::open();
    let code = house.code("admin");
    let (one, other) =
        futures_util::future::join(house.log_in_by_code("admin", &code), house.log_in_by_code("admin", &code)).await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401]);
}

#[actix_web::test]
async fn a_new_admin_sets_a_second_factor_up_and_then_works() {
    let house = House::open();
    house.sql("DELETE FROM second_factors");
    let opened = house.log_in("admin", &house.password("admin")).await.expect(201);
    assert_eq!(opened.body["staff"]["second_factor_missing"], true);
    let token = opened.field("token");
    let refused = house.app.get("/staff", &token).await;
    assert_eq!((refused.status, refused.code()), (403, "second_factor_missing"));
    let admin = Enrolled::of(&house, "admin", &token).await;
    house.app.get("/staff", &token).await.expect(200);
    assert_eq!(role_of(&house, &token).await["second_factor_missing"], false);
    assert_eq!(house.log_in_by_code("admin", &admin.code(&house)).await.status, 401, "used to confirm");
    house.app.pass(TimeDelta::seconds(30));
    house.log_in_by_code("admin", &admin.code(&house)).await.expect(201);
    let shown = house.app.get(PATH, &token).await.expect(200).body;
    let since = "2026-11-20T09:00:00+07:00";
    assert_eq!(shown, json!({"needed": true, "in_use_since": since, "recovery_codes_left": 10}));
}

#[actix_web::test]
async fn who_came_in_without_a_second_factor_shows_it_in_the_session_which_gets_a_new_token() {
    let house = House::open();
    let token = house.log_in_by_code("admin", &house.code("admin")).await.expect(201).field("token");
    // As if an identity provider had vouched for the password alone.
    house.sql("UPDATE sessions SET second_factor = 'none'");
    let step_up = async |code: &str| house.app.post(STEP_UP, &token, &json!({"code": code})).await;
    for wrong in ["000000", "0000-0000-0000", &house.code("admin")] {
        let refused = step_up(wrong).await;
        assert_eq!((refused.status, refused.faults()), (422, vec![("/code", "wrong_code")]), "{wrong}");
    }
    assert_eq!(house.app.get("/staff", &token).await.code(), "second_factor_missing");
    house.app.pass(TimeDelta::seconds(30));
    let shown = step_up(&house.code("admin")).await.expect(200);
    assert_eq!(shown.body["staff"]["second_factor_missing"], false);
    house.app.get("/staff", &shown.field("token")).await.expect(200);
    assert_eq!(house.app.get("/me", &token).await.status, 401, "a token stolen before opens nothing");
    house.app.get("/me", &shown.field("token")).await.expect(200);
}

#[actix_web::test]
async fn wrong_codes_shown_in_a_session_slow_down() {
    let house = House::open();
    let token = house.log_in_by_code("admin", &house.code("admin")).await.expect(201).field("token");
    for _ in 0..5 {
        house.app.post(STEP_UP, &token, &json!({"code": "000000"})).await.expect(422);
    }
    house.app.post(STEP_UP, &token, &json!({"code": "000000"})).await.expect(429);
    let without = house.app.post(STEP_UP, &house.token("clerk").await, &json!({"code": "000000"})).await;
    assert_eq!((without.status, without.faults()), (422, vec![("/code", "wrong_code")]), "who has none");
}

#[actix_web::test]
async fn what_an_app_takes_is_told_once_and_sealed() {
    let house = House::open();
    let token = house.token("clerk").await;
    let proof = json!({"password": house.password("clerk")});
    let started = house.app.post(PATH, &token, &proof).await.expect(201);
    let secret = started.field("secret");
    let uri = format!("otpauth://totp/motcua:clerk?secret={secret}&issuer=motcua");
    assert_eq!((secret.len(), started.field("uri")), (32, uri));
    house.sql(&format!(
        "DO $$ BEGIN ASSERT (SELECT count(*) FROM second_factors f WHERE f::text LIKE '%{secret}%'
             OR encode(f.secret, 'escape') LIKE '%{secret}%') = 0; END $$"
    ));
    // Not in use before its first code: the password alone still opens.
    house.log_in("clerk", &house.password("clerk")).await.expect(201);
    house.app.pass(TimeDelta::minutes(15));
    let code = code_at(&secret, house.app.state.clock.now());
    let late = house.app.post(CONFIRM, &token, &json!({"code": code})).await;
    assert_eq!((late.status, late.code()), (409, "second_factor_not_started"));
}

#[actix_web::test]
async fn each_recovery_code_opens_once_until_there_are_new_ones() {
    let house = House::open();
    let token = house.token("clerk").await;
    let clerk = Enrolled::of(&house, "clerk", &token).await;
    assert_eq!(clerk.recovery_codes.len(), 10);
    let first = &clerk.recovery_codes[0];
    house.log_in_by_code("clerk", &first.to_lowercase().replace('-', " ")).await.expect(201);
    assert_eq!(house.log_in_by_code("clerk", first).await.status, 401);
    assert_eq!(house.app.get(PATH, &token).await.body["recovery_codes_left"], 9);
    let path = "/me/second-factor/recovery-codes";
    let refused = house.app.post(path, &token, &json!({"code": first})).await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/code"]));
    let renewed = house.app.post(path, &token, &json!({"code": clerk.recovery_codes[1]})).await.expect(200);
    assert_eq!(house.log_in_by_code("clerk", &clerk.recovery_codes[2]).await.status, 401);
    house.log_in_by_code("clerk", &codes(&renewed.body)[9]).await.expect(201);
    house.sql(&format!(
        "DO $$ BEGIN ASSERT (SELECT count(*) FROM recovery_codes WHERE encode(code_hash, 'escape') LIKE '%{}%') = 0;
         END $$",
        codes(&renewed.body)[0]
    ));
}

#[actix_web::test]
async fn a_stolen_token_changes_no_second_factor() {
    let house = House::open();
    let token = house.token("clerk").await;
    for (form, pointer) in [(json!({}), "/password"), (json!({"password": "a wrong one"}), "/password")] {
        let answer = house.app.post(PATH, &token, &form).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]));
    }
    Enrolled::of(&house, "clerk", &token).await;
    // With one in use the password alone does not replace it.
    let password = json!({"password": house.password("clerk")});
    let answer = house.app.post(PATH, &token, &password).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/code"]));
    for form in [json!({}), json!({"password": "a wrong one"}), json!({"code": "000000"})] {
        assert_eq!(house.app.post(REMOVE, &token, &form).await.status, 422);
    }
    assert_eq!(house.log_in("clerk", &house.password("clerk")).await.code(), "second_factor_needed");
    house.app.post(REMOVE, &token, &password).await.expect(204);
    house.log_in("clerk", &house.password("clerk")).await.expect(201);
    let again = house.app.post(REMOVE, &token, &password).await;
    assert_eq!((again.status, again.code()), (409, "no_second_factor"));
}

#[actix_web::test]
async fn a_new_app_replaces_the_old_one_and_ends_other_sessions() {
    let house = House::open();
    let (token, other) = (house.token("admin").await, house.token("admin").await);
    let refused = house.app.post(REMOVE, &token, &json!({"code": house.code("admin")})).await;
    assert_eq!((refused.status, refused.code()), (403, "second_factor_needed_by_role"));
    house.app.pass(TimeDelta::seconds(30));
    let old = house.code("admin");
    let started = house.app.post(PATH, &token, &json!({"code": old})).await.expect(201);
    let wrong = house.app.post(CONFIRM, &token, &json!({"code": "000000"})).await;
    assert_eq!((wrong.status, wrong.pointers()), (422, vec!["/code"]));
    let new = code_at(&started.field("secret"), house.app.state.clock.now());
    house.app.post(CONFIRM, &token, &json!({"code": new})).await.expect(200);
    assert_eq!(house.app.get("/me", &other).await.status, 401);
    house.app.pass(TimeDelta::seconds(30));
    assert_eq!(house.log_in_by_code("admin", &house.code("admin")).await.status, 401, "the old app");
    let new = code_at(&started.field("secret"), house.app.state.clock.now());
    house.log_in_by_code("admin", &new).await.expect(201);
}

#[actix_web::test]
async fn an_admin_resets_a_lost_one_but_not_the_own() {
    let house = House::open();
    let (admin, head) = (house.token("admin").await, house.token("centre_head").await);
    let id = async |role: &str| {
        let listed = house.app.get(&format!("/staff?role={role}"), &admin).await;
        listed.items()[0]["id"].as_str().unwrap().to_owned()
    };
    let path = format!("/staff/{}/second-factor", id("centre_head").await);
    house.app.delete(&path, &admin).await.expect(204);
    assert_eq!(house.app.get("/me", &head).await.status, 401);
    let opened = house.log_in("centre_head", &house.password("centre_head")).await.expect(201);
    assert_eq!(opened.body["staff"]["second_factor_missing"], true);
    let own = house.app.delete(&format!("/staff/{}/second-factor", id("admin").await), &admin).await;
    assert_eq!((own.status, own.code()), (403, "own_second_factor"));
    let nobody = format!("/staff/{}/second-factor", uuid::Uuid::nil());
    house.app.delete(&nobody, &admin).await.expect(404);
}

#[actix_web::test]
async fn the_command_line_resets_that_of_the_last_admin() {
    let house = House::open();
    let run = |command: StaffCommand| {
        let mut terminal = Terminal { input: "".as_bytes(), output: Vec::new() };
        staff(&house.app.state, house.app.state.clock.now(), command, &mut terminal)?;
        anyhow::Ok(String::from_utf8(terminal.output)?)
    };
    assert!(run(StaffCommand::List).unwrap().contains("admin\tadmin\tH21\tenabled\tsecond factor\t"));
    let reset = |username: &str| StaffCommand::ResetSecondFactor { username: username.to_owned() };
    run(reset("admin")).unwrap();
    assert!(run(reset("nobody")).is_err());
    let listed = run(StaffCommand::List).unwrap();
    assert!(listed.contains("admin\tadmin\tH21\tenabled\tsecond factor missing\t"), "{listed}");
    assert!(listed.contains("clerk\tclerk\tH21.00.01\tenabled\tpassword alone\t"), "{listed}");
    house.log_in("admin", &house.password("admin")).await.expect(201);
}

#[actix_web::test]
async fn a_second_start_of_the_demo_leaves_second_factors_and_a_new_database_takes_those_of_the_file() {
    let house = House::open();
    let now = house.app.state.clock.now();
    make_accounts(&house.app.state, now, &house.demo_file()).unwrap();
    house.log_in_by_code("admin", &house.code("admin")).await.expect(201);
    house.sql("DELETE FROM second_factors");
    make_accounts(&house.app.state, now, &house.demo_file()).unwrap();
    house.log_in_by_code("admin", &house.code("admin")).await.expect(201);
    let text = std::fs::read_to_string(house.demo_file()).unwrap();
    assert_eq!(text.matches("totp_secret").count(), 3);
}
