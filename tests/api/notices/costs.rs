//! What messages cost: estimated when a gateway takes them, billed when it says so, summed, and told above a budget.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::costs::{bill, watch};
use motcua::domain::cost::Vnd;
use motcua::domain::ids::NoticeId;
use motcua::domain::role::Role;
use motcua::schema::notices;
use serde_json::{Value, json};

use super::given::{ELSEWHERE, House, UNIT};

const SEPTEMBER: &str = "calendar_month=2026-09";

/// A house with an admin, and the name of the gateway of its SMS.
struct Given {
    house: House,
    admin: String,
    gateway: String,
}

impl Given {
    /// Sends one SMS at no known price, which tells the gateway's name.
    async fn new() -> Self {
        let house = House::new(|_| {});
        let admin = house.app.sign_in(Role::Admin, UNIT);
        house.one_sms();
        house.drain().await;
        let gateway: Option<String> = notices::table.select(notices::gateway).first(&mut house.conn()).unwrap();
        Self { gateway: gateway.unwrap(), house, admin }
    }

    async fn tariff(&self, telco: &str, from: &str, vnd: Value) -> Value {
        let line = json!({"gateway": self.gateway, "telco": telco, "kind": "folded", "valid_from": from,
            "vnd_per_segment": vnd});
        self.house.app.put("/notices/tariffs", &self.admin, &json!({"items": [line]})).await.expect(200).body
    }

    /// Sends one more SMS; returns it.
    async fn sent(&self) -> NoticeId {
        let id = self.house.one_sms();
        assert_eq!(self.house.drain().await.sent, 1);
        id
    }

    async fn costs(&self, query: &str) -> Value {
        let head = self.house.app.sign_in(Role::CentreHead, UNIT);
        self.house.app.get(&format!("/notices/costs?{query}"), &head).await.expect(200).body
    }

    fn bill(&self, id: NoticeId, vnd: &str) {
        bill(&mut self.house.conn(), &[(id, Vnd::read(vnd).unwrap())]).unwrap();
    }

    async fn watch(&self) -> usize {
        watch::tick(self.house.app.state.clone()).await.unwrap()
    }
}

#[tokio::test]
async fn a_message_is_estimated_by_the_tariff_of_the_day_when_the_gateway_takes_it() {
    let given = Given::new().await;
    let total = |table: &Value| (table["total"]["estimated_vnd"].clone(), table["total"]["unpriced"].clone());
    assert_eq!(total(&given.costs(SEPTEMBER).await), (Value::Null, json!(1)), "what is not known is not 0");
    given.tariff("any", "2026-01-01", json!("850.50")).await;
    given.tariff("any", "2026-10-01", json!(9999)).await;
    given.sent().await;
    assert_eq!(total(&given.costs(SEPTEMBER).await), (json!("850.50"), json!(1)));
    let head = given.house.app.sign_in(Role::CentreHead, UNIT);
    let last = &given.house.app.get("/notices?limit=1", &head).await.expect(200).body["items"][0]["id"];
    let path = format!("/notices/{}", last.as_str().unwrap());
    let shown = given.house.app.get(&path, &head).await.expect(200).body;
    assert_eq!((&shown["cost_estimated_vnd"], &shown["cost_billed_vnd"]), (&json!("850.50"), &Value::Null));
    // The number is MobiFone's, whose line goes before that of all.
    given.tariff("viettel", "2026-01-01", json!(1)).await;
    given.tariff("mobifone", "2026-01-01", json!(700)).await;
    given.sent().await;
    assert_eq!(total(&given.costs(SEPTEMBER).await), (json!("1550.50"), json!(1)));
    // What was estimated stays, whatever becomes of the tariff.
    given.tariff("mobifone", "2026-01-01", Value::Null).await;
    assert_eq!(total(&given.costs(SEPTEMBER).await).0, "1550.50");
    assert_eq!(given.costs("calendar_month=2026-08").await["total"]["notices"], 0);
}

#[tokio::test]
async fn a_message_of_several_parts_costs_each_of_them_and_one_sent_again_is_paid_again() {
    let given = Given::new().await;
    given.tariff("any", "2026-01-01", json!(100)).await;
    let id = given.house.one_sms();
    let mut conn = given.house.conn();
    conn.batch_execute(&format!("UPDATE notices SET segments = 3 WHERE id = '{id}'")).unwrap();
    given.house.drain().await;
    assert_eq!(given.costs(SEPTEMBER).await["total"]["estimated_vnd"], "300.00");
    conn.batch_execute(&format!("UPDATE notices SET status = 'failed' WHERE id = '{id}'")).unwrap();
    let clerk = given.house.app.sign_in(Role::Clerk, UNIT);
    given.house.app.post(&format!("/notices/{id}/resend"), &clerk, &json!({})).await.expect(200);
    given.house.drain().await;
    assert_eq!(given.costs(SEPTEMBER).await["total"]["estimated_vnd"], "600.00");
}

#[tokio::test]
async fn costs_are_summed_by_unit_month_gateway_channel_and_purpose() {
    let given = Given::new().await;
    given.tariff("any", "2026-01-01", json!(850)).await;
    given.sent().await;
    for (group, key) in [
        ("month", json!("2026-09")),
        ("gateway", json!(given.gateway)),
        ("channel", json!("sms")),
        ("purpose", json!("result_early")),
    ] {
        let table = given.costs(&format!("{SEPTEMBER}&group={group}")).await;
        assert_eq!((&table["rows"][0]["key"], &table["rows"][0]["notices"]), (&key, &json!(2)), "{group}");
    }
    let table = given.costs(&format!("{SEPTEMBER}&group=unit_month")).await;
    let row = &table["rows"][0];
    assert_eq!((&row["unit"]["code"], &row["key"]), (&json!(UNIT), &json!("2026-09")));
    assert_eq!((&row["estimated_vnd"], &row["unpriced"]), (&json!("850.00"), &json!(1)));
    assert_eq!(table["definitions"], "/api/v1/statistics/definitions?topic=costs");
    let head = given.house.app.sign_in(Role::CentreHead, UNIT);
    for wrong in ["", "calendar_month=2026-09&group=colour", "from=2026-09-01"] {
        given.house.app.get(&format!("/notices/costs?{wrong}"), &head).await.expect(422);
    }
}

#[tokio::test]
async fn a_unit_sees_its_own_costs_and_budgets_alone() {
    let given = Given::new().await;
    let budget = json!({"vnd_per_month": 1});
    given.house.app.put(&format!("/notices/budgets/{UNIT}"), &given.admin, &budget).await.expect(200);
    for (unit, notices, budgets) in [(UNIT, 1, 1), (ELSEWHERE, 0, 0)] {
        let leader = given.house.app.sign_in(Role::Leader, unit);
        let costs = given.house.app.get(&format!("/notices/costs?{SEPTEMBER}"), &leader).await.expect(200);
        assert_eq!(costs.body["total"]["notices"], notices, "{unit}");
        let listed = given.house.app.get("/notices/budgets", &leader).await.expect(200);
        assert_eq!(listed.items().len(), budgets, "{unit}");
        if unit == ELSEWHERE {
            let asked = format!("/notices/costs?{SEPTEMBER}&unit={UNIT}");
            given.house.app.get(&asked, &leader).await.expect(404);
        }
    }
}

#[tokio::test]
async fn bills_that_are_off_by_more_than_a_hundredth_are_told_once() {
    let given = Given::new().await;
    given.tariff("any", "2026-01-01", json!(1000)).await;
    let (one, two) = (given.sent().await, given.sent().await);
    given.bill(one, "1010");
    given.bill(one, "1010");
    assert_eq!(given.watch().await, 0, "a hundredth is no difference");
    let table = given.costs(SEPTEMBER).await;
    let total = &table["total"];
    assert_eq!((&total["billed_vnd"], &total["billed_notices"]), (&json!("1010.00"), &json!(1)));
    assert_eq!((&total["difference_vnd"], &total["differs"]), (&json!("10.00"), &json!(false)));
    given.bill(two, "1010.01");
    given.bill(one, "1050");
    assert_eq!(given.costs(SEPTEMBER).await["total"]["differs"], true);
    assert_eq!((given.watch().await, given.watch().await), (1, 0));
    let auditor = given.house.app.sign_in(Role::Auditor, UNIT);
    let alarms = given.house.app.get("/notices/costs/alarms", &auditor).await.expect(200);
    let alarm = &alarms.items()[0];
    assert_eq!((&alarm["what"], &alarm["gateway"]), (&json!("difference"), &json!(given.gateway)));
    assert_eq!((&alarm["expected_vnd"], &alarm["actual_vnd"]), (&json!("2000.00"), &json!("2060.01")));
    let metric = format!("motcua_notice_cost_alarm{{what=\"difference\",of=\"{}\"}} 1", given.gateway);
    let metrics = given.house.app.http.get(format!("{}/metrics", given.house.app.address()));
    assert!(given.house.app.send(metrics).await.text.contains(&metric));
}

#[tokio::test]
async fn a_budget_that_is_spent_is_told_once_and_holds_nothing_back() {
    let given = Given::new().await;
    given.tariff("any", "2026-01-01", json!(850)).await;
    let budget = format!("/notices/budgets/{UNIT}");
    let set = async |body: Value| given.house.app.put(&budget, &given.admin, &body).await;
    set(json!({"from": "2026-09", "vnd_per_month": "1700"})).await.expect(200);
    given.sent().await;
    assert_eq!(given.watch().await, 0);
    given.sent().await;
    assert_eq!((given.watch().await, given.watch().await), (1, 0));
    given.sent().await;
    let head = given.house.app.sign_in(Role::CentreHead, UNIT);
    let listed = given.house.app.get("/notices/budgets?month=2026-09", &head).await.expect(200);
    let item = &listed.items()[0];
    assert_eq!((&item["vnd_per_month"], &item["spent_vnd"]), (&json!("1700.00"), &json!("2550.00")));
    assert_eq!((&item["spent"], &item["unpriced"]), (&json!(true), &json!(1)));
    assert!(item["told_at"].is_string());
    // A month later it is another one, with its own end.
    let next = given.house.app.get("/notices/budgets?month=2026-10", &head).await.expect(200);
    assert_eq!((&next.items()[0]["spent_vnd"], &next.items()[0]["told_at"]), (&json!("0.00"), &Value::Null));
    set(json!({"from": "2026-10", "vnd_per_month": null})).await.expect(200);
    let ended = given.house.app.get("/notices/budgets?month=2026-10", &head).await.expect(200);
    assert!(ended.items().is_empty());
    set(json!({"from": "2026-13"})).await.expect(422);
    set(json!({"vnd_per_month": -1})).await.expect(422);
    given.house.app.put("/notices/budgets/H99", &given.admin, &json!({"vnd_per_month": 1})).await.expect(404);
}

#[tokio::test]
async fn tariffs_are_kept_line_by_line_and_shipped_empty() {
    let given = Given::new().await;
    let auditor = given.house.app.sign_in(Role::Auditor, UNIT);
    let listed = given.house.app.get("/notices/tariffs", &auditor).await.expect(200);
    assert!(listed.items().is_empty());
    given.tariff("any", "2026-01-01", json!(850)).await;
    let put_right = given.tariff("any", "2026-01-01", json!("850.25")).await;
    let line = json!({"gateway": given.gateway, "telco": "any", "kind": "folded", "valid_from": "2026-01-01",
        "vnd_per_segment": "850.25"});
    assert_eq!(put_right["items"], json!([line]));
    assert_eq!(given.tariff("any", "2026-01-01", Value::Null).await["items"], json!([]));
    let wrong = json!({"items": [
        {"gateway": "a", "telco": "vodafone", "kind": "long", "valid_from": "soon", "vnd_per_segment": "1,5"},
        {"gateway": "a", "kind": "zns", "valid_from": "2026-01-01", "vnd_per_segment": 0.001},
    ]});
    let refused = given.house.app.put("/notices/tariffs", &given.admin, &wrong).await.expect(422);
    let pointers = [
        "/items/0/telco",
        "/items/0/kind",
        "/items/0/valid_from",
        "/items/0/vnd_per_segment",
        "/items/1/vnd_per_segment",
    ];
    assert_eq!(refused.pointers(), pointers);
    for body in [json!({}), json!({"items": []})] {
        given.house.app.put("/notices/tariffs", &given.admin, &body).await.expect(422);
    }
}
