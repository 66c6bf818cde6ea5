//! The runs, a file each.

mod burst;
mod claim;
mod fairness;
mod gateway;
mod kill_postgresql;
mod kill_worker;
mod rate;
mod receipts;

use anyhow::bail;

use crate::args::Args;
use crate::figures::Figures;
use crate::house::House;

/// Makes a run; some are several in one.
pub async fn make(name: &str, house: &mut House, args: &Args) -> anyhow::Result<Vec<Figures>> {
    Ok(match name {
        "burst" => vec![burst::run(house, args).await?],
        "rate" => vec![rate::run(house, args).await?],
        "kill-worker" => kill_worker::run(house, args).await?,
        "kill-postgresql" => vec![kill_postgresql::run(house, args).await?],
        "gateway" => vec![gateway::run(house, args).await?],
        "receipts" => vec![receipts::run(house, args).await?],
        "claim" => vec![claim::run(house, args).await?],
        "fairness" => vec![fairness::run(house, args).await?],
        _ => bail!("there is no run {name}"),
    })
}
