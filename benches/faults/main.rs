//! `make faults`: the release binary as real processes beside a durable PostgreSQL of its own, a gateway that keeps a
//! journal, and what is broken between them on purpose. Afterwards the journal is joined with the database.
//!
//! Exits with 1 when anything was lost, went out twice, or stands otherwise than the gateway has it.
//! docs/reliability.md says what each run does.

mod args;
mod checker;
#[path = "../base/copies.rs"]
mod copies;
mod figures;
mod gateway;
mod house;
mod light_load;
mod machine;
mod postgres;
mod program;
#[path = "../base/province.rs"]
mod province;
mod runs;
mod scene;
mod stock;
mod wire;

use std::process::ExitCode;

use args::Args;
use figures::Figures;
use house::House;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(err) => {
            eprintln!("faults: {err:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> anyhow::Result<bool> {
    let args = Args::read(std::env::args().skip(1))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut told = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        // What is dropped on the way out ends the processes and takes the files away.
        tokio::select! {
            done = make(&args) => done,
            _ = tokio::signal::ctrl_c() => anyhow::bail!("interrupted"),
            _ = told.recv() => anyhow::bail!("told to stop"),
        }
    })
}

/// Makes the runs; returns whether everything held.
async fn make(args: &Args) -> anyhow::Result<bool> {
    println!("{}; seed {}", machine::describe(), args.seed);
    let mut house = House::open(args)?;
    let (mut all, mut is_whole): (Vec<Figures>, bool) = (Vec::new(), true);
    for run in &args.only {
        match runs::make(run, &mut house, args).await {
            Ok(figures) => all.extend(figures),
            Err(err) => {
                println!("  {run} BROKE OFF: {err:#}");
                is_whole = false;
            }
        }
    }
    println!("\n{}; PostgreSQL {}; seed {}", machine::describe(), house.postgres.version()?, args.seed);
    figures::print(&all);
    Ok(is_whole && all.iter().all(Figures::hold))
}
