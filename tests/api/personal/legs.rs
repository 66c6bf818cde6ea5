//! What legs hold of people is erased with their parent.

use motcua::domain::role::Role;
use motcua::retention;
use serde_json::{Value, json};

use super::dump;
use crate::legs::given::{Agencies, W7};

/// What tells who somebody was, in the legs and in what they asked for.
const WHO: [&str; 5] = ["052190000123", "905123456", "anh hàng xóm", "bà Ánh", "Hùng Vương"];

#[actix_web::test]
async fn the_legs_of_a_dossier_lose_their_texts_with_its_people_and_count_as_before() {
    let office = Agencies::at("2026-10-05 09:00").await;
    let code = office.received(W7).await;
    let birth = office.leg(&code, 0).await;
    let papers = json!({ "papers": [{ "name": "CCCD của anh hàng xóm" }], "reason": "bà Ánh gọi 0905123456" });
    office.act(&birth, "request_supplement", &office.mayor, papers).await.expect(200);
    office.act(&code, "supply", &office.clerk, json!({ "note": "bà Ánh mang đến" })).await.expect(200);
    office.do_leg(&code, 0, &office.mayor).await;
    let refusal = json!({ "result": "refused", "reason": "bà Ánh không cư trú", "signer": "Trần Văn Bình" });
    let card = office.leg(&code, 1).await;
    office.acknowledge(&card, &office.insurance).await;
    office.act(&card, "finish", &office.insurance, refusal).await.expect(200);
    office.act(&code, "hand_over", &office.clerk, json!({})).await.expect(200);
    let legs = async || {
        let auditor = office.app.sign_in(Role::Auditor, "H21");
        let path = "/statistics/units?calendar_month=2026-10&count=legs";
        office.app.get(path, &auditor).await.expect(200).body["rows"].clone()
    };
    let before = legs().await;

    office.app.set("2036-10-06 09:00");
    assert!(retention::tick(office.app.state.clone()).await.unwrap() > 0);
    let text = dump(&office.app.db);
    assert!(text.contains(&code));
    for who in WHO {
        assert!(!text.contains(who), "{who} is still there");
    }
    assert_eq!(legs().await, before);
    let auditor = office.app.sign_in(Role::Auditor, "H21");
    let shown = office.app.get(&format!("/dossiers/{card}"), &auditor).await.expect(200).body;
    assert_eq!((&shown["applicant"]["name"], &shown["result_reason"]), (&json!("(đã xóa)"), &Value::Null));
}
