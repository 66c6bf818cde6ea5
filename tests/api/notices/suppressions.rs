//! Numbers that get no messages.

use diesel::prelude::*;
use motcua::domain::role::Role;
use motcua::schema::notices;
use serde_json::json;

use crate::support::app::{TestApp, intake};
use crate::support::office::{CENTRE, DEPARTMENT, TEN_DAYS};

const LIST: &str = "/notices/suppressions";

struct Given {
    app: TestApp,
    clerk: String,
}

impl Given {
    async fn new() -> Self {
        let app = TestApp::at("2026-10-05 09:00").await;
        let clerk = app.sign_in(Role::Clerk, CENTRE);
        Self { app, clerk }
    }

    async fn receive(&self) {
        self.app.post("/dossiers", &self.clerk, &intake(TEN_DAYS, DEPARTMENT)).await.expect(201);
    }

    /// How the SMS stand, the first one first.
    fn sms(&self) -> Vec<(String, Option<String>)> {
        let of = notices::table.filter(notices::channel.eq("sms")).order(notices::id);
        of.select((notices::status, notices::reason)).load(&mut self.app.db.connect()).unwrap()
    }
}

fn suppressed() -> (String, Option<String>) {
    ("cancelled".to_owned(), Some("suppressed".to_owned()))
}

fn queued() -> (String, Option<String>) {
    ("queued".to_owned(), None)
}

#[actix_web::test]
async fn nothing_goes_to_a_number_on_the_list_and_it_is_written_down_that_it_did_not() {
    let given = Given::new().await;
    given.receive().await;
    assert_eq!(given.sms(), [queued()]);
    let phone = intake(TEN_DAYS, DEPARTMENT)["applicant"]["phone"].as_str().unwrap().to_owned();
    let form = json!({"address": phone, "channel": "sms", "reason": "wrong_person", "note": "Bà chủ số gọi lên"});
    let line = given.app.post(LIST, &given.clerk, &form).await.expect(201);
    assert!(!line.text.contains(&phone), "{}", line.text);
    assert_eq!(given.sms(), [suppressed()], "what waited is called back");
    given.receive().await;
    assert_eq!(given.sms(), [suppressed(), suppressed()]);
    let mails = notices::table.filter(notices::channel.eq("email")).filter(notices::status.eq("queued"));
    assert_eq!(mails.count().get_result::<i64>(&mut given.app.db.connect()).unwrap(), 2, "other channels go on");

    let found = given.app.get(&format!("{LIST}?address={}", phone.replace('+', "%2B")), &given.clerk).await.expect(200);
    assert_eq!(found.items().len(), 1);
    given.app.delete(&format!("{LIST}/{}", line.field("id")), &given.clerk).await.expect(200);
    given.app.delete(&format!("{LIST}/{}", line.field("id")), &given.clerk).await.expect(404);
    given.receive().await;
    assert_eq!(given.sms().last(), Some(&queued()));
}

#[actix_web::test]
async fn a_line_with_an_end_ends_and_makes_room_for_another() {
    let given = Given::new().await;
    let form = json!({"address": "0905123456", "reason": "unreachable", "until": "2026-10-06T00:00:00+07:00"});
    given.app.post(LIST, &given.clerk, &form).await.expect(201);
    given.app.post(LIST, &given.clerk, &form).await.expect(409);
    given.app.set("2026-10-06 09:00");
    given.receive().await;
    assert_eq!(given.sms(), [queued()]);
    let again = json!({"address": "0905123456", "reason": "asked"});
    given.app.post(LIST, &given.clerk, &again).await.expect(201);
    assert_eq!(given.app.get(LIST, &given.clerk).await.expect(200).items().len(), 2, "nothing is ever deleted");
}

#[actix_web::test]
async fn rubbish_is_refused_with_what_is_wrong() {
    let given = Given::new().await;
    for (form, code) in [
        (json!({"reason": "asked"}), "required"),
        (json!({"address": "hello", "reason": "asked"}), "no_address"),
        (json!({"address": "0905123456", "channel": "email", "reason": "asked"}), "no_address"),
        (json!({"address": "0905123456", "reason": "because"}), "unknown_word"),
        (json!({"address": "0905123456", "reason": "asked", "until": "2020-01-01T00:00:00+07:00"}), "wrong_moment"),
        (json!({"address": "0905123456\u{0}", "reason": "asked"}), "nul_character"),
    ] {
        let answer = given.app.post(LIST, &given.clerk, &form).await.expect(422);
        assert!(answer.text.contains(code), "{form}: {}", answer.text);
    }
    given.app.delete(&format!("{LIST}/%00"), &given.clerk).await.expect(404);
    given.app.get(&format!("{LIST}?address=nobody"), &given.clerk).await.expect(422);
}
