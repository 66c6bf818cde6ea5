//! Officers' lists: the first page and the hundredth, of few dossiers and of many.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::ensure;
use serde_json::Value;

use crate::house::House;
use crate::load::{Load, Request, Wire};

/// How much longer a page may take over many dossiers.
pub const AIM_RATIO: f64 = 1.5;
/// What is looked for.
const LISTS: [(&str, &str); 3] = [
    ("all", "/api/v1/dossiers?limit=50"),
    ("of a unit", "/api/v1/dossiers?limit=50&unit=H21.16"),
    ("late ones of a unit", "/api/v1/dossiers?limit=50&unit=H21.16&standing=late"),
];
const SECONDS: u64 = 3;

/// What half of the answers took, by list and page.
pub type Pages = Vec<(String, Duration)>;

/// Asks for both pages of each list, as one officer would.
pub async fn lists(house: &House) -> anyhow::Result<Pages> {
    let (token, served) = (house.leader()?, house.serve()?);
    let mut pages = Pages::new();
    for (name, first) in LISTS {
        let hundredth = deep(served, first, &token).await?;
        for (page, path) in [("first", first.to_owned()), ("hundredth", hundredth)] {
            let token = token.clone();
            let asked = Load::new(served, 1, SECONDS);
            let reached = asked.run(move |_, _| Request::get(&path, Some(&token))).await?;
            println!("list              {name}, {page} page: {reached}, {} dossiers", house.dossiers()?);
            pages.push((format!("{name}, {page} page"), reached.p50));
        }
    }
    Ok(pages)
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
