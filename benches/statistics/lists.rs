//! Officers' lists: the first page and the hundredth, of few dossiers and of many.

use anyhow::ensure;
use motcua::domain::role::Role;
use serde_json::Value;

use crate::house::House;
use crate::in_turn::{Asking, in_turn, ratio};
use crate::load::{Request, Wire};
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
const OFFICER: (Role, &str) = (Role::Officer, "H21.26");
/// Those of who sees all.
pub const OF_ALL: [List; 5] = [
    list("all", OVERSEES, "/api/v1/dossiers?limit=50"),
    list("of a unit", OVERSEES, "/api/v1/dossiers?limit=50&unit=H21.16"),
    list("of a unit and those below", OVERSEES, "/api/v1/dossiers?limit=50&unit=H21.24"),
    list("late ones of a unit", OVERSEES, "/api/v1/dossiers?limit=50&unit=H21.16&standing=late"),
    list("that wait for a payment", OVERSEES, "/api/v1/dossiers?limit=50&status=awaiting_payment"),
];
/// Those of who sees what his unit has to do with; only where relations were copied too.
pub const OF_UNITS: [List; 5] = [
    list("an officer's own", OFFICER, "/api/v1/dossiers?limit=50"),
    list("an officer's, in process", OFFICER, "/api/v1/dossiers?limit=50&status=processing"),
    list("an officer's, withdrawn or declined", OFFICER, "/api/v1/dossiers?limit=50&status=declined,withdrawn"),
    list("an officer's, late", OFFICER, "/api/v1/dossiers?limit=50&standing=late"),
    list("a counter's own", (Role::Clerk, "H21.00.01"), "/api/v1/dossiers?limit=50"),
];

/// Asks both for the first page of each list and for a deep one, as one officer would.
pub async fn compare(few: &House, many: &House, lists: &[List]) -> anyhow::Result<()> {
    for list in lists {
        let (few_first, few_deep) = list.pages(few).await?;
        let (many_first, many_deep) = list.pages(many).await?;
        for (page, few_asked, many_asked) in [("first", few_first, many_first), ("hundredth", few_deep, many_deep)] {
            let (small, large) = in_turn(&few_asked, &many_asked, SECONDS).await?;
            println!("list              {}, {page} page: {small}, {} dossiers", list.name, few.dossiers()?);
            println!("list              {}, {page} page: {large}, {} dossiers", list.name, many.dossiers()?);
            println!("  ratio           p50 {:.2} of the time (at most {AIM_RATIO})", ratio(small.p50, large.p50));
        }
    }
    Ok(())
}

impl List {
    /// What asks a house for the first page, and for the hundredth or the last full one where there are fewer.
    async fn pages(&self, house: &House) -> anyhow::Result<(Asking, Asking)> {
        let first = Asking {
            served: house.serve()?,
            token: sign_in(house.url(), self.role, self.unit)?,
            paths: vec![self.path.to_owned()],
        };
        let deep = Asking { paths: vec![deep(&first, self.path).await?], ..first.clone() };
        Ok((first, deep))
    }
}

/// Turns pages over, to the hundredth or the last full one; returns its path.
async fn deep(asked: &Asking, first: &str) -> anyhow::Result<String> {
    let mut wire = Wire::open(asked.served).await?;
    let (mut full, mut path) = (first.to_owned(), first.to_owned());
    for _ in 0..100 {
        let (status, page) = wire.ask(&Request::get(&path, Some(&asked.token))).await?;
        ensure!(status == 200, "{path} answers {status}");
        let page: Value = serde_json::from_slice(&page)?;
        let Some(cursor) = page.get("next_cursor").and_then(Value::as_str) else { break };
        full = std::mem::replace(&mut path, format!("{first}&cursor={cursor}"));
    }
    Ok(full)
}
