//! Roles that reach over the whole province are given by two people.

use motcua::domain::role::Role;
use serde_json::json;

use super::house::House;
use crate::support::answer::Answer;

/// An admin, a centre head, and the account that is to be raised.
struct Given {
    house: House,
    admin: String,
    head: String,
    officer: String,
    id: String,
}

impl Given {
    async fn new() -> Self {
        let house = House::open();
        let admin = house.app.sign_in(Role::Admin, "H21");
        let head = house.app.sign_in(Role::CentreHead, "H21.00.01");
        let officer = house.app.sign_in(Role::Officer, "H21.16");
        let id = house.app.get("/me", &officer).await.field("id");
        Self { house, admin, head, officer, id }
    }

    async fn propose(&self, role: &str) -> Answer {
        let form = json!({"role": role, "reason": "Quyết định số 12/QĐ-VP"});
        self.house.app.post(&format!("/staff/{}/grants", self.id), &self.admin, &form).await
    }

    async fn confirm(&self, id: &str, by: &str) -> Answer {
        self.house.app.post(&format!("/approvals/{id}/actions/confirm"), by, &json!({})).await
    }

    async fn role(&self) -> String {
        let listed = self.house.app.get("/staff?unit=H21.16", &self.admin).await.expect(200);
        listed.items().iter().find(|item| item["id"] == json!(self.id)).unwrap()["role"].as_str().unwrap().to_owned()
    }
}

#[actix_web::test]
async fn one_admin_alone_gives_nobody_a_wide_role() {
    let given = Given::new().await;
    let admin = &given.admin;
    for role in ["admin", "controller", "centre_head", "auditor"] {
        let account = json!({"username": "mai.nt", "full_name": "Mai", "role": role, "unit_code": "H21",
            "password": "một mật khẩu dài"});
        let made = given.house.app.post("/staff", admin, &account).await;
        assert_eq!((made.status, made.pointers()), (422, vec!["/role"]), "{role}");
        let path = format!("/staff/{}", given.id);
        let changed = given.house.app.patch(&path, admin, &json!({"role": role})).await;
        assert_eq!((changed.status, changed.pointers()), (422, vec!["/role"]), "{role}");
        let key = json!({"name": "Máy chủ", "role": role, "unit_code": "H21"});
        let key = given.house.app.post("/api-keys", admin, &key).await;
        assert_eq!((key.status, key.pointers()), (422, vec!["/role"]), "{role}");
    }
    assert_eq!(given.role().await, "officer");
}

#[actix_web::test]
async fn a_second_person_confirms_and_the_account_has_it() {
    let given = Given::new().await;
    let proposed = given.propose("auditor").await.expect(202);
    assert_eq!((&proposed.body["verb"], &proposed.body["role"]), (&json!("grant_role"), &json!("auditor")));
    assert_eq!(given.role().await, "officer", "nothing yet");
    let (again, id) = (given.propose("auditor").await, proposed.field("id"));
    assert_eq!((again.status, again.code()), (409, "already_proposed"));
    let own = given.confirm(&id, &given.admin).await;
    assert_eq!((own.status, own.code()), (403, "second_person_needed"));

    let waiting = given.house.app.get("/approvals", &given.head).await.expect(200);
    assert_eq!((&waiting.items()[0]["id"], &waiting.items()[0]["may_confirm"]), (&json!(id), &json!(true)));
    given.confirm(&id, &given.head).await.expect(200);
    assert_eq!(given.role().await, "auditor");
    assert_eq!(given.propose("auditor").await.code(), "has_role");
}

#[actix_web::test]
async fn those_who_void_dossiers_neither_see_nor_confirm_grants() {
    let given = Given::new().await;
    let id = given.propose("controller").await.expect(202).field("id");
    let leader = given.house.app.sign_in(Role::Leader, "H21");
    assert_eq!(given.house.app.get("/approvals", &leader).await.expect(200).items().len(), 0);
    given.confirm(&id, &leader).await.expect(404);
    given.confirm(&id, &given.officer).await.expect(403);
    assert_eq!(given.role().await, "officer");
}

#[actix_web::test]
async fn nobody_raises_themselves_with_anothers_proposal() {
    let mut given = Given::new().await;
    given.id = given.house.app.get("/me", &given.head).await.field("id");
    let id = given.propose("admin").await.expect(202).field("id");
    let own = given.confirm(&id, &given.head).await;
    assert_eq!((own.status, own.code()), (403, "second_person_needed"));
    let other_admin = given.house.app.sign_in(Role::Admin, "H21");
    given.confirm(&id, &other_admin).await.expect(200);
}

/// Whoever could set it would be both of the two people.
#[actix_web::test]
async fn no_admin_sets_the_password_of_who_reaches_over_the_province() {
    let given = Given::new().await;
    let password = json!({"password": "một mật khẩu khá dài"});
    let head = given.house.app.get("/me", &given.head).await.field("id");
    let refused = given.house.app.patch(&format!("/staff/{head}"), &given.admin, &password).await;
    assert_eq!((refused.status, refused.code()), (403, "role_needs_two"));
    given.house.app.get("/me", &given.head).await.expect(200);
    given.house.app.patch(&format!("/staff/{}", given.id), &given.admin, &password).await.expect(200);
}

#[actix_web::test]
async fn a_proposal_names_a_wide_role_and_an_account_that_is_there() {
    let given = Given::new().await;
    let refused = given.propose("leader").await;
    assert_eq!((refused.status, refused.pointers()), (422, vec!["/role"]));
    let form = json!({"role": "king"});
    let refused = given.house.app.post(&format!("/staff/{}/grants", given.id), &given.admin, &form).await;
    assert_eq!(refused.pointers(), ["/role", "/reason"]);
    let nobody = format!("/staff/{}/grants", uuid::Uuid::nil());
    let form = json!({"role": "auditor", "reason": "x"});
    given.house.app.post(&nobody, &given.admin, &form).await.expect(404);
    // Who is disabled in between gets nothing.
    let id = given.propose("auditor").await.expect(202).field("id");
    let path = format!("/staff/{}", given.id);
    given.house.app.patch(&path, &given.admin, &json!({"disabled": true})).await.expect(200);
    given.confirm(&id, &given.head).await.expect(404);
    given.house.app.patch(&path, &given.admin, &json!({"disabled": false})).await.expect(200);
    assert_eq!(given.role().await, "officer");
}
