use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::house::House;
use crate::support::client::JsonBody;

const STAFF: &str = "/staff";

fn form(username: &str) -> Value {
    json!({"username": username, "full_name": "Nguyễn Thị Mai", "role": "officer", "unit_code": "H21.16",
        "password": "một mật khẩu dài"})
}

async fn id_of(house: &House, admin: &str, role: &str) -> String {
    let listed = house.app.get(&format!("{STAFF}?role={role}"), admin).await;
    listed.body["items"][0]["id"].as_str().unwrap().to_owned()
}

#[actix_web::test]
async fn an_admin_makes_an_account_that_can_log_in() {
    let house = House::open();
    let admin = house.token("admin").await;
    let made = house.app.post(STAFF, &admin, &form("mai.nt")).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    assert!(!made.body.to_string().contains("mật khẩu"));
    assert_eq!(house.log_in("mai.nt", "một mật khẩu dài").await.status, 201);
    let again = house.app.post(STAFF, &admin, &form("mai.nt")).await;
    assert_eq!((again.status, again.code()), (409, "username_taken"));
}

#[actix_web::test]
async fn a_repeated_request_makes_one_account() {
    let house = House::open();
    let admin = house.token("admin").await;
    let send = |name: &str| {
        let request = house.app.http.post(house.app.url(STAFF)).bearer_auth(&admin);
        house.app.send(request.header("Idempotency-Key", "k1").json_body(&form(name)))
    };
    let first = send("mai.nt").await;
    let second = send("mai.nt").await;
    assert_eq!((first.status, second.status), (201, 201));
    assert_eq!(first.body, second.body);
    assert_eq!(second.header("Idempotency-Replayed"), "true");
    assert_eq!(send("lan.nt").await.status, 422);
}

#[actix_web::test]
async fn all_faults_of_an_account_are_told_at_once() {
    let house = House::open();
    let admin = house.token("admin").await;
    let bad = json!({"username": "Mai Nguyễn", "full_name": " ", "role": "portal", "password": "short"});
    let answer = house.app.post(STAFF, &admin, &bad).await;
    assert_eq!(answer.status, 422);
    assert_eq!(answer.pointers(), ["/username", "/full_name", "/role", "/unit_code", "/password"]);
    let mut nowhere = form("mai.nt");
    nowhere["unit_code"] = json!("H99");
    let answer = house.app.post(STAFF, &admin, &nowhere).await;
    assert_eq!((answer.status, answer.pointers()), (422, vec!["/unit_code"]));
}

#[actix_web::test]
async fn who_is_disabled_is_out_at_once_and_may_come_back() {
    let house = House::open();
    let (admin, clerk) = (house.token("admin").await, house.token("clerk").await);
    assert_eq!(house.app.get("/me", &clerk).await.status, 200);
    let path = format!("{STAFF}/{}", id_of(&house, &admin, "clerk").await);
    let off = house.app.patch(&path, &admin, &json!({"disabled": true})).await;
    assert_eq!((off.status, &off.body["disabled"]), (200, &json!(true)));
    assert_eq!(house.app.get("/me", &clerk).await.status, 401);
    house.app.patch(&path, &admin, &json!({"disabled": false})).await;
    assert_eq!(house.app.get("/me", &clerk).await.status, 401);
    assert_eq!(house.log_in("clerk", &house.password("clerk")).await.status, 201);
}

#[actix_web::test]
async fn a_new_role_and_unit_hold_at_once() {
    let house = House::open();
    let (admin, clerk) = (house.token("admin").await, house.token("clerk").await);
    assert_eq!(house.app.get("/me", &clerk).await.field("role"), "clerk");
    let path = format!("{STAFF}/{}", id_of(&house, &admin, "clerk").await);
    let change = json!({"role": "records", "unit_code": "H21.16", "full_name": "Lê Văn An"});
    assert_eq!(house.app.patch(&path, &admin, &change).await.status, 200);
    assert_eq!(house.app.get("/me", &clerk).await.status, 401, "what it was opened for is no more");
    let again = house.log_in("clerk", &house.password("clerk")).await.expect(201);
    let me = &again.body["staff"];
    assert_eq!((&me["role"], &me["unit_code"]), (&json!("records"), &json!("H21.16")));
}

#[actix_web::test]
async fn a_new_name_alone_ends_no_session() {
    let house = House::open();
    let (admin, clerk) = (house.token("admin").await, house.token("clerk").await);
    let path = format!("{STAFF}/{}", id_of(&house, &admin, "clerk").await);
    let change = json!({"role": "clerk", "unit_code": "H21.00.01", "full_name": "Lê Văn An"});
    house.app.patch(&path, &admin, &change).await.expect(200);
    assert_eq!(house.app.get("/me", &clerk).await.expect(200).field("name"), "Lê Văn An");
}

#[actix_web::test]
async fn a_password_set_by_an_admin_ends_all_sessions() {
    let house = House::open();
    let (admin, clerk) = (house.token("admin").await, house.token("clerk").await);
    let path = format!("{STAFF}/{}", id_of(&house, &admin, "clerk").await);
    let short = house.app.patch(&path, &admin, &json!({"password": "short"})).await;
    assert_eq!((short.status, short.pointers()), (422, vec!["/password"]));
    let set = house.app.patch(&path, &admin, &json!({"password": "một mật khẩu dài"})).await;
    assert_eq!(set.status, 200);
    assert_eq!(house.app.get("/me", &clerk).await.status, 401);
    assert_eq!(house.log_in("clerk", "một mật khẩu dài").await.status, 201);
}

#[actix_web::test]
async fn the_last_admin_stays() {
    let house = House::open();
    let admin = house.token("admin").await;
    let path = format!("{STAFF}/{}", id_of(&house, &admin, "admin").await);
    for change in [json!({"disabled": true}), json!({"role": "clerk"})] {
        let answer = house.app.patch(&path, &admin, &change).await;
        assert_eq!((answer.status, answer.code()), (409, "last_admin"));
    }
    let renamed = house.app.patch(&path, &admin, &json!({"full_name": "Quản trị viên"})).await;
    assert_eq!(renamed.status, 200);
    let nobody = format!("{STAFF}/{}", uuid::Uuid::nil());
    assert_eq!(house.app.patch(&nobody, &admin, &json!({})).await.status, 404);
}

#[actix_web::test]
async fn of_two_admins_who_disable_each_other_one_stays() {
    let house = House::open();
    let first = house.token("admin").await;
    let first_path = format!("{STAFF}/{}", id_of(&house, &first, "admin").await);
    let second_token = house.app.sign_in(Role::Admin, "H21");
    let second_path = format!("{STAFF}/{}", house.app.get("/me", &second_token).await.field("id"));
    let off = json!({"disabled": true});
    let (one, other) = futures_util::future::join(
        house.app.patch(&second_path, &first, &off),
        house.app.patch(&first_path, &second_token, &off),
    )
    .await;
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    // Who was disabled before being asked who it is meets 401 already.
    assert!(matches!(statuses, [200, 409] | [200, 401]), "{statuses:?}");
}

#[actix_web::test]
async fn accounts_are_listed_by_unit_and_role_page_by_page() {
    let house = House::open();
    let admin = house.token("admin").await;
    let count = async |query: &str| {
        let listed = house.app.get(&format!("{STAFF}?{query}"), &admin).await;
        listed.body["items"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 10);
    assert_eq!(count("unit=H21").await, 10);
    assert_eq!(count("unit=H21.00").await, 3);
    assert_eq!(count("unit=H21.16&role=leader").await, 1);
    assert_eq!(house.app.get(&format!("{STAFF}?unit=H99"), &admin).await.status, 422);
    assert_eq!(house.app.get(&format!("{STAFF}?role=king"), &admin).await.status, 422);
    let mut seen = Vec::new();
    let mut query = "limit=3".to_owned();
    loop {
        let page = house.app.get(&format!("{STAFF}?{query}"), &admin).await;
        let items = page.body["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["username"].as_str().unwrap().to_owned()));
        match page.body["next_cursor"].as_str() {
            Some(cursor) => query = format!("limit=3&cursor={cursor}"),
            None => break,
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 10);
}
