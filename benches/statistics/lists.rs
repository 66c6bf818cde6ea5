//! Officers' lists: the first page and the hundredth, of few dossiers and of many.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::ensure;
use motcua::domain::role::Role;
use serde_json::Value;

use crate::house::House;
use crate::load::{Load, Request, Wire};
use crate::staff::sign_in;

/// How much longer a page may take over many dossiers.
const AIM_RATIO: f64 = 1.5;
const SECONDS: u64 = 3;

/// What is looked for, and by whom.
pub struct List {
    name: &'static str,
    role: Role,
    unit: &'static str,
    path: &'static str,
}

const fn list(name: &'static str, (role, unit): (Role, &'static str), path: &'static str) -> List {
    List { name, role, unit, path }
}

const OVERSEES: (Role, &str) = (Role::Controller, "H21");
/// Those of who sees all.
pub const OF_ALL: [List; 4] = [
    list("all", OVERSEES, "/api/v1/dossiers?limit=50"),
    list("of a unit", OVERSEES, "/api/v1/dossiers?limit=50&unit=H21.16"),
    list("of a unit and those below", OVERSEES, "/api/v1/dossiers?limit=50&unit=H21.24"),
    list("late ones of a unit", OVERSEES, "/api/v1/dossiers?limit=50&unit=H21.16&standing=late"),
];
/// Those of who sees what his unit has to do with; only where relations were copied too.
pub const OF_UNITS: [List; 3] = [
    list("an officer's own", (Role::Officer, "H21.26"), "/api/v1/dossiers?limit=50"),
    list(
        "an officer's, withdrawn or declined",
        (Role::Officer, "H21.26"),
        "/api/v1/dossiers?limit=50&status=declined,withdrawn",
    ),
    list("a counter's own", (Role::Clerk, "H21.00.01"), "/api/v1/dossiers?limit=50"),
];

/// What half of the answers took, by list and page.
pub type Pages = Vec<(String, Duration)>;

/// Asks for both pages of each list, as one officer would.
pub async fn pages(house: &House, lists: &[List]) -> anyhow::Result<Pages> {
    let served = house.serve()?;
    let mut pages = Pages::new();
    for List { name, role, unit, path } in lists {
        let token = sign_in(house.url(), *role, unit)?;
        let hundredth = deep(served, path, &token).await?;
        for (page, path) in [("first", (*path).to_owned()), ("hundredth", hundredth)] {
            let token = token.clone();
            let asked = Load::new(served, 1, SECONDS);
            let reached = asked.run(move |_, _| Request::get(&path, Some(&token))).await?;
            ensure!(reached.failed == 0, "{reached}: a list was refused");
            println!("list              {name}, {page} page: {reached}, {} dossiers", house.dossiers()?);
            pages.push((format!("{name}, {page} page"), reached.p50));
        }
    }
    Ok(pages)
}

/// Says how much longer the pages of many dossiers took than those of few.
pub fn compare(few: Pages, many: Pages) {
    for ((page, few), (_, many)) in few.into_iter().zip(many) {
        let ratio = many.as_secs_f64() / few.as_secs_f64().max(f64::EPSILON);
        println!("  list            {page}: p50 {ratio:.2} of the time (at most {AIM_RATIO})");
    }
}

/// Walks to the hundredth page, or the last where there are fewer; returns its path.
async fn deep(served: SocketAddr, first: &str, token: &str) -> anyhow::Result<String> {
    let mut wire = Wire::open(served).await?;
    let mut path = first.to_owned();
    for _ in 1..100 {
        let (status, page) = wire.ask(&Request::get(&path, Some(token))).await?;
        ensure!(status == 200, "{path} answers {status}");
        let page: Value = serde_json::from_slice(&page)?;
        let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
        path = format!("{first}&cursor={cursor}");
    }
    Ok(path)
}
