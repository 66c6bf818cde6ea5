//! What belongs to somebody is not there for a foreign unit: every route of the served document whose path names a
//! thing, tried from where the thing is known and from where it is not.

use motcua::domain::role::{Role, Sight};
use reqwest::Method;
use serde_json::{Value, json};

use super::served;
use crate::support::answer::Answer;
use crate::support::client::JsonBody;
use crate::support::office::{CENTRE, DEPARTMENT, Office, TEN_DAYS};

/// Paths that name what everybody may know, or what no unit owns.
const NOBODYS: &[&str] = &[
    "/api/v1/units/{code}",
    "/api/v1/procedures/{code}",
    "/api/v1/calendars/{year}",
    "/api/v1/public/dossiers/{code}",
    // Citizens belong to no unit; `citizens/` and `sign_on/` show what is theirs.
    "/api/v1/public/dossiers/{code}/one-time-codes",
    "/api/v1/public/one-time-codes/{id}",
    "/api/v1/citizen/devices/{installation}",
    "/api/v1/citizen/dossiers/{code}",
    "/api/v1/citizen/log-ins/{id}",
    "/api/v1/callbacks/{gateway}/{secret}",
    "/api/v1/notices/sending/actions/{action}",
    // Each finds what it may see.
    "/api/v1/notices/actions/{deed}",
    // For admins, who administrate the whole province.
    "/api/v1/staff/{id}",
    "/api/v1/staff/{id}/grants",
    "/api/v1/staff/{id}/second-factor",
    "/api/v1/api-keys/{id}",
    "/api/v1/api-keys/{id}/rotate",
    // For those and controllers.
    "/api/v1/calendars/publications/{number}",
    "/api/v1/calendars/publications/{number}/moves",
    "/api/v1/reorganisations/{code}",
    "/api/v1/processes/{code}",
    // Forms and pictures; whose figures they show is asked by `unit`.
    "/api/v1/reports/{layout}",
    "/api/v1/statistics/charts/{chart}",
    // Whoever asked for it; `exports/jobs.rs` shows it.
    "/api/v1/exports/{id}",
    "/api/v1/exports/{id}/file",
    // The province's; `notices/costs.rs` shows whose costs who sees.
    "/api/v1/notice-templates/{purpose}/{channel}",
    "/api/v1/notice-templates/{purpose}/{channel}/{version}",
    "/api/v1/notice-templates/{purpose}/{channel}/{version}/actions/{action}",
    "/api/v1/notice-templates/{purpose}/{channel}/{version}/vendor-ids/{gateway}",
    "/api/v1/notices/budgets/{code}",
    "/api/v1/notices/suppressions/{id}",
    // Of whose figures; `seals/` shows who reads them.
    "/api/v1/statistics/seals/{id}",
    "/api/v1/statistics/seals/{id}/adjustments",
    "/api/v1/statistics/seals/{id}/dossiers",
    "/api/v1/statistics/seals/{id}/file",
    // One's own; `staff/log_in.rs` shows it.
    "/api/v1/sessions/{id}",
    // Whoever holds its secret; `sign_on/staff.rs` shows it.
    "/api/v1/sessions/single-sign-on/{id}",
];

/// One real thing of each kind, known to the centre and the department.
struct Things {
    dossier: String,
    notice: String,
    approval: String,
}

impl Things {
    async fn of(office: &Office) -> Self {
        let dossier = office.in_process(TEN_DAYS).await;
        let reason = json!({"reason": "Nhập trùng hồ sơ"});
        let proposed = office.act(&dossier, "void", &office.officer, reason).await.expect(202);
        let notices = office.app.get("/notices", &office.clerk).await.expect(200);
        Self {
            dossier,
            notice: notices.body["items"][0]["id"].as_str().unwrap().to_owned(),
            approval: proposed.body["approval"]["id"].as_str().unwrap().to_owned(),
        }
    }

    /// The path with the real things in place, and with things that are not there.
    fn name(&self, path: &str) -> Option<(String, String)> {
        let (name, real, invented) = match path {
            _ if path.starts_with("/api/v1/dossiers/{code}") => ("{code}", &*self.dossier, "H21.16-261120-9999"),
            _ if path.starts_with("/api/v1/notices/{id}") => ("{id}", &*self.notice, NO_ID),
            _ if path.starts_with("/api/v1/approvals/{id}") => ("{id}", &*self.approval, NO_ID),
            _ => return None,
        };
        let rest = path.replace("{verb}", "finish").replace("{decision}", "confirm").replace("{deed}", "replay");
        Some((rest.replace(name, real), rest.replace(name, invented)))
    }
}

const NO_ID: &str = "00000000-0000-7000-8000-000000000000";

#[actix_web::test]
async fn every_path_that_names_a_thing_is_tried_here_or_said_to_be_nobodys() {
    let office = Office::at("2026-10-05 09:00").await;
    let things = Things::of(&office).await;
    for (_, path) in served(&office.app).await {
        let names_a_thing = path.contains('{');
        let is_tried = things.name(&path).is_some();
        assert_eq!(names_a_thing, is_tried || NOBODYS.contains(&&*path), "{path}");
        assert!(!(is_tried && NOBODYS.contains(&&*path)), "{path}");
    }
}

#[actix_web::test]
async fn to_a_foreign_unit_a_thing_is_answered_for_as_if_it_were_not_there() {
    let office = Office::at("2026-10-05 09:00").await;
    let things = Things::of(&office).await;
    let before = office.show(&things.dossier).await;
    for role in Role::ALL.iter().copied().filter(|role| role.sight() != Sight::All) {
        let stranger = match role {
            Role::Portal => office.app.key(role, "H21.05").await.0,
            _ => office.app.sign_in(role, "H21.05"),
        };
        for (method, path) in served(&office.app).await {
            let Some((real, invented)) = things.name(&path) else { continue };
            let (real, invented) =
                (ask(&office, &method, &real, &stranger).await, ask(&office, &method, &invented, &stranger).await);
            assert!(matches!(real.status, 403 | 404 | 422), "{role} {method} {path}: {}", real.text);
            assert_eq!((real.status, without_id(&real)), (invented.status, without_id(&invented)), "{role} {path}");
        }
    }
    assert_eq!(office.show(&things.dossier).await, before, "nothing was changed");
}

#[actix_web::test]
async fn to_its_own_units_a_thing_is_there() {
    let office = Office::at("2026-10-05 09:00").await;
    let things = Things::of(&office).await;
    for (token, unit) in [(&office.clerk, CENTRE), (&office.leader, DEPARTMENT)] {
        for (method, path) in served(&office.app).await {
            // What is read; what changes would take the thing away from those after it.
            // Who has seen its people is for those who oversee all units.
            // An apology is drafted where there is something to apologise for; `processes/foresight.rs` shows it.
            let is_theirs = method == "GET" && !path.ends_with("/identity/reads") && !path.ends_with("/apology");
            let Some((real, _)) = things.name(&path).filter(|_| is_theirs) else { continue };
            let answer = ask(&office, &method, &real, token).await;
            assert_eq!(answer.status, 200, "{unit} {path}: {}", answer.text);
        }
    }
}

/// What figures of a period are asked for beside it, by the end of their path.
const MORE: &[(&str, &str)] = &[
    ("/statistics/dossiers", "&cell=late"),
    ("/statistics/quality/dossiers", "&cell=received"),
    ("/statistics/intake/dossiers", "&cell=filed"),
    ("/statistics/received-at/dossiers", "&cell=taken_in"),
    ("/statistics/legs/dossiers", "&cell=started"),
    ("/statistics/durations/dossiers", "&cell=count"),
    ("/statistics/ageing/dossiers", "&cell=pending"),
    ("/statistics/patterns/dossiers", "&pattern=bunched_at_due"),
    ("/statistics/early-results/dossiers", "&cell=results"),
];

#[actix_web::test]
async fn a_leader_reads_the_figures_of_every_unit_and_the_dossiers_behind_those_of_the_own() {
    let office = Office::at("2026-10-05 09:00").await;
    let leader = office.app.sign_in(Role::Leader, "H21.05");
    let document = office.app.read("/openapi.json").await.expect(200).body;
    let mut tried = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let names: Vec<_> = parameters.map(|parameter| parameter["name"].as_str().unwrap()).collect();
        let is_of_a_period = ["unit", "calendar_month"].iter().all(|name| names.contains(name));
        if !path.starts_with("/api/v1/statistics/") || !is_of_a_period {
            continue;
        }
        let more = MORE.iter().find(|(end, _)| path.ends_with(end)).map_or("", |(_, more)| more);
        let path = path.replace("{chart}", "rates");
        // Neither has a counter, so that there are no figures of one.
        let is_of_counters = path.contains("/intake") || path.contains("/hours");
        let found = if is_of_counters { 422 } else { 200 };
        for (unit, of_dossiers) in [("H21.05", found), (DEPARTMENT, 404)] {
            let asked = format!("{path}?calendar_month=2026-10&unit={unit}{more}");
            let expected = if path.ends_with("/dossiers") { of_dossiers } else { found };
            let answer = ask(&office, "GET", &asked, &leader).await;
            assert_eq!(answer.status, expected, "{asked}: {}", answer.text);
            tried += 1;
        }
    }
    assert!(tried > 30, "the document is read: {tried}");
}

/// The problem without what tells one request from another.
fn without_id(answer: &Answer) -> Value {
    let mut body = answer.body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.remove("instance");
        fields.remove("request_id");
    }
    body
}

async fn ask(office: &Office, method: &str, path: &str, token: &str) -> Answer {
    let method: Method = method.parse().unwrap();
    let mut request = office.app.http.request(method.clone(), format!("{}{path}", office.app.address()));
    if !matches!(method, Method::GET | Method::DELETE) {
        let body = if path.ends_with("finish") { json!({"result": "granted"}) } else { json!({}) };
        request = request.json_body(&body);
    }
    office.app.send(request.bearer_auth(token)).await
}
