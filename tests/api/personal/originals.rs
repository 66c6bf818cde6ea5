//! Whose originals they were, and who took them home, is erased with the people of the dossier; that they went stays.

use motcua::domain::role::Role;
use motcua::retention;
use serde_json::{Value, json};

use super::dump;
use crate::support::app::intake;
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

#[actix_web::test]
async fn originals_lose_their_names_and_receivers_and_stay_given_back() {
    let office = Office::at("2026-10-05 09:00").await;
    let mut form = intake(TEN_DAYS, DEPARTMENT);
    form["papers"] = json!([{ "name": "Sổ đỏ của bà Tuyết", "kind": "original" }]);
    form["give_back"] = json!([1]);
    let code = office.app.post("/dossiers", &office.clerk, &form).await.expect(201).field("code");
    office.act(&code, "withdraw", &office.clerk, json!({})).await.expect(200);
    let to = json!({ "to": "Tuyết, nhờ con gái", "note": "gọi 0905777666" });
    office.act(&code, "give_back", &office.clerk, to).await.expect(200);
    assert!(!dump(&office.app.db).contains("nhờ con gái"), "sealed from the start");

    office.app.set("2036-10-06 09:00");
    assert!(retention::tick(office.app.state.clone()).await.unwrap() > 0);
    let text = dump(&office.app.db);
    for who in ["Tuyết", "0905777666"] {
        assert!(!text.contains(who), "{who} is still there");
    }
    let clerk = office.app.sign_in(Role::Clerk, crate::support::office::CENTRE);
    let shown = office.app.get(&format!("/dossiers/{code}"), &clerk).await.expect(200).body["originals"][0].clone();
    assert_eq!((&shown["name"], &shown["given_back_to"]), (&json!("(đã xóa)"), &Value::Null));
    assert_eq!(shown["given_back_at"], "2026-10-05T09:00:00+07:00");
}
