//! `make bench`: the rows of docs/performance.md that one machine can measure, both sides in one run.
//!
//! A private, durable PostgreSQL; the service on a port of loopback; clients that speak HTTP over kept connections;
//! pgbench on the same server for comparison. Prints absolute figures and ratios.

mod audit;
mod gateway;
mod house;
#[path = "../base/intake.rs"]
mod intake;
mod load;
mod pgbench;
#[path = "../base/postgres.rs"]
mod postgres;
#[path = "../base/province.rs"]
mod province;
#[path = "../base/staff.rs"]
mod staff;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use gateway::FastGateway;
use house::BenchHouse;
use load::{Load, Request};
use serde_json::json;

const CLIENTS: usize = 64;
const SECONDS: u64 = 8;
/// Lifecycles a second that DIGIT has published, on 16 cores.
const PUBLISHED_LIFECYCLES: f64 = 37.0;
/// Notices a second to a gateway without a limit.
const AIM_NOTICES: f64 = 5_000.0;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let house = BenchHouse::open()?;
        println!("{} dossiers, {CLIENTS} connections, {SECONDS} s each", house.codes.len());
        look_up(&house).await?;
        intake(&house).await?;
        audit::measure(&house).await?;
        lifecycle(&house).await?;
        notices(&house).await?;
        start(&house).await
    })
}

async fn look_up(house: &BenchHouse) -> anyhow::Result<()> {
    let constant = Load::new(house.address, CLIENTS, SECONDS).run(|_, _| Request::get("/health/live", None)).await?;
    let codes = house.codes.clone();
    let looked = Load::new(house.address, CLIENTS, SECONDS).run(move |client, round| {
        let code = codes.get((client * 7919 + round * 104_729) % codes.len()).map_or("", String::as_str);
        Request::get(&format!("/api/v1/public/dossiers/{code}"), None)
    });
    let looked = looked.await?;
    let database = pgbench::look_up(house, CLIENTS, SECONDS)?;
    println!("look-up by code   {looked}");
    println!("  constant route  {constant}");
    println!("  pgbench         {database:.0}/s");
    println!(
        "  ratio           {:.2} of pgbench, {:.2} of the constant route",
        looked.per_second / database,
        looked.per_second / constant.per_second
    );
    Ok(())
}

async fn intake(house: &BenchHouse) -> anyhow::Result<()> {
    let (clerk, bodies) = (house.clerk.clone(), house.intakes());
    let taken = Load::new(house.address, 16, SECONDS)
        .run(move |client, round| {
            let body = bodies.get((client * 7 + round) % bodies.len()).map_or("", String::as_str);
            Request::post("/api/v1/dossiers", Some(&clerk), body)
        })
        .await?;
    let database = pgbench::intake(house, 16, SECONDS)?;
    println!("intake            {taken}, at {} units", house.desks.len());
    println!("  pgbench         {database:.0}/s of the same rows");
    println!("  ratio           {:.2}", taken.per_second / database);
    Ok(())
}

async fn lifecycle(house: &BenchHouse) -> anyhow::Result<()> {
    let (clerk, bodies) = (house.clerk.clone(), house.intakes());
    let leaders: Vec<String> = house.desks.iter().map(|desk| desk.leader.clone()).collect();
    let finish = json!({ "result": "granted", "at_counter": true }).to_string();
    let lives = Load::new(house.address, 16, SECONDS).run_chains(move |client, round, code, step| {
        let act = |verb: &str, token: &str, body: &str| {
            Request::post(&format!("/api/v1/dossiers/{code}/actions/{verb}"), Some(token), body)
        };
        let desk = (client * 7 + round) % bodies.len();
        match step {
            0 => Some(Request::post("/api/v1/dossiers", Some(&clerk), bodies.get(desk)?)),
            1 => Some(act("transfer", &clerk, "{}")),
            2 => Some(act("finish", leaders.get(desk)?, &finish)),
            3 => Some(act("hand_over", &clerk, "{}")),
            _ => None,
        }
    });
    let lives = lives.await?;
    println!("whole lives       {lives}");
    println!(
        "  ratio           {:.1} × the published {PUBLISHED_LIFECYCLES}/s",
        lives.per_second / PUBLISHED_LIFECYCLES
    );
    Ok(())
}

/// Drains a queue of SMS into a gateway of loopback that takes them at once.
async fn notices(house: &BenchHouse) -> anyhow::Result<()> {
    house.write_notices()?;
    let gateway = FastGateway::open().await?;
    let waiting = house.waiting_sms()?;
    let per_second = gateway::drain(&house.state, &gateway, waiting).await?;
    println!("notices           {per_second:.0}/s, {waiting} SMS sent and recorded");
    println!("  ratio           {:.2} of the aim of {AIM_NOTICES}/s", per_second / AIM_NOTICES);
    Ok(())
}

/// Starts the release binary beside the running PostgreSQL.
async fn start(house: &BenchHouse) -> anyhow::Result<()> {
    let mut service = Command::new(env!("CARGO_BIN_EXE_motcua"))
        .arg("serve")
        .env("MOTCUA__DATABASE__URL", &house.url)
        .env("MOTCUA__DATA__DIR", &house.data)
        .env("MOTCUA__SERVER__BIND", "127.0.0.1:18080")
        .stderr(Stdio::null())
        .spawn()?;
    let begun = Instant::now();
    let address = "127.0.0.1:18080".parse()?;
    let ready = loop {
        if load::once(address, &Request::get("/health/ready", None)).await.is_ok_and(|status| status == 200) {
            break begun.elapsed();
        }
        anyhow::ensure!(begun.elapsed() < Duration::from_secs(30), "the service did not become ready");
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    tokio::time::sleep(Duration::from_secs(3)).await;
    let status = std::fs::read_to_string(format!("/proc/{}/status", service.id()))?;
    let resident = status.lines().find(|line| line.starts_with("VmRSS")).unwrap_or("VmRSS unknown").to_owned();
    service.kill()?;
    service.wait()?;
    println!(
        "start             ready in {} ms; idle {}",
        ready.as_millis(),
        resident.split_whitespace().skip(1).collect::<Vec<_>>().join(" ")
    );
    Ok(())
}
