use motcua::domain::role::Role;
use serde_json::{Value, json};

use super::house::House;

const PATH: &str = "/me/password";
const NEW: &str = "một mật khẩu mới";

fn form(old: &str, new: &str) -> Value {
    json!({"old_password": old, "new_password": new})
}

#[actix_web::test]
async fn a_new_password_ends_the_other_sessions_at_once() {
    let house = House::open();
    let old = house.password("clerk");
    let (mine, other) = (house.token("clerk").await, house.token("clerk").await);
    assert_eq!(house.app.get("/me", &other).await.status, 200);
    assert_eq!(house.app.put(PATH, &mine, &form(&old, NEW)).await.status, 204);
    assert_eq!(house.app.get("/me", &mine).await.status, 200);
    assert_eq!(house.app.get("/me", &other).await.status, 401);
    assert_eq!(house.log_in("clerk", &old).await.status, 401);
    assert_eq!(house.log_in("clerk", NEW).await.status, 201);
}

#[actix_web::test]
async fn a_new_password_needs_the_old_one_and_some_length() {
    let house = House::open();
    let (token, old) = (house.token("clerk").await, house.password("clerk"));
    for (old, new, pointer) in
        [("wrong", NEW, "/old_password"), (&old, "short", "/new_password"), (&old, &old, "/new_password")]
    {
        let answer = house.app.put(PATH, &token, &form(old, new)).await;
        assert_eq!((answer.status, answer.pointers()), (422, vec![pointer]));
    }
    let empty = house.app.put(PATH, &token, &json!({})).await;
    assert_eq!(empty.pointers(), ["/old_password", "/new_password"]);
    assert_eq!(house.log_in("clerk", &old).await.status, 201);
}

#[actix_web::test]
async fn of_two_changes_at_once_one_holds() {
    let house = House::open();
    let (token, old) = (house.token("clerk").await, house.password("clerk"));
    let (first, second) = futures_util::future::join(
        house.app.put(PATH, &token, &form(&old, "the first new one")),
        house.app.put(PATH, &token, &form(&old, "the second new one")),
    )
    .await;
    let mut statuses = [first.status, second.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [204, 422]);
}

#[actix_web::test]
async fn a_key_has_no_password_and_no_sessions() {
    let house = House::open();
    let (key, _) = house.app.key(Role::Clerk, "H21.00.01").await;
    let answer = house.app.put(PATH, &key, &form("x", NEW)).await;
    assert_eq!((answer.status, answer.code()), (403, "people_only"));
    assert_eq!(house.app.get("/sessions", &key).await.status, 403);
}
