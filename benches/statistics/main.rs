//! `make bench-statistics ARGS="--large 1000000"`: a month's table of figures through the API over 100,000 dossiers of ten
//! years and over many more, officers' lists of both, figures that no tally keeps, what a verb pays for the tallies, and a full recount.
//!
//! With `--register 1000000` also the register of so many, beside Python's XlsxWriter (python3-xlsxwriter, python3-psycopg2), and
//! the lists of officers who see their unit's alone.
//!
//! Some thousand dossiers are replayed through the real use cases, the others are copies of them (`motcua simulate --bulk`).
//! Both databases lie in one private, durable PostgreSQL, and are measured in one run.

mod analyses;
mod house;
mod in_turn;
mod lists;
#[path = "../service/load.rs"]
#[expect(dead_code, reason = "chains of verbs are asked by the other program alone")]
mod load;
#[path = "../base/postgres.rs"]
mod postgres;
#[path = "../base/province.rs"]
mod province;
mod register;
#[path = "../base/staff.rs"]
mod staff;

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use house::House;
use in_turn::{Asking, in_turn, ratio};
use motcua::command::console;
use motcua::domain::code::DossierCode;
use motcua::dossiers::action::Action;
use motcua::dossiers::{self, Ask};
use motcua::http::etag::IfMatch;
use motcua::platform::db::Scope;
use motcua::platform::progress::Progress;
use motcua::simulation::Along;
use motcua::state::Act;
use motcua::statistics::tallies::verify::{self, Others, connections};
use serde_json::json;

/// By what the rows of a table are grouped.
const GROUPS: [&str; 2] = ["unit", "field"];
/// What a table of a month may take at most.
const AIM: Duration = Duration::from_millis(20);
/// How much longer it may take over many dossiers.
const AIM_RATIO: f64 = 1.2;
/// What a full recount of ten million may take.
const AIM_RECOUNT: Duration = Duration::from_secs(60);
const SMALL: u64 = 100_000;
const SECONDS: u64 = 5;
/// Lives in one round of verbs.
const LIVES: u32 = 200;

/// What is measured.
struct Asked {
    large: u64,
    models: u32,
    register: Option<u64>,
}

fn main() -> anyhow::Result<()> {
    let asked = asked()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let house = House::replayed(asked.models)?;
        if let Some(many) = asked.register {
            let (few, many) = (house.with(SMALL, Along::Everything)?, house.with(many, Along::Everything)?);
            register::register(&many)?;
            lists::compare(&few, &many, &lists::OF_UNITS).await?;
        }
        let small = house.with(SMALL, Along::Figures)?;
        verbs(&small)?;
        let large = house.with(asked.large, Along::Figures)?;
        // Next to each other, as a machine is not equally fast at all times.
        months(&small, &large).await?;
        lists::compare(&small, &large, &lists::OF_ALL).await?;
        analyses::compare(&small, &large).await?;
        recount(&small)?;
        recount(&large)
    })
}

fn asked() -> anyhow::Result<Asked> {
    let mut asked = Asked { large: 1_000_000, models: 20_000, register: None };
    // Cargo hands `--bench` to every program of this kind.
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    while let Some(option) = args.next() {
        let value = args.next().with_context(|| format!("{option} wants a number"))?;
        match option.as_str() {
            "--large" => asked.large = value.parse()?,
            "--register" => asked.register = Some(value.parse()?),
            "--models" => asked.models = value.parse()?,
            other => anyhow::bail!("{other} is no option; there are --large, --models and --register"),
        }
    }
    ensure!(asked.large >= SMALL, "--large is at least {SMALL}");
    Ok(asked)
}

/// Asks both for report months of all the years, as one leader would; by each way in which rows are grouped.
async fn months(few: &House, many: &House) -> anyhow::Result<()> {
    for group in GROUPS {
        let (small, large) = in_turn(&of_months(few, group)?, &of_months(many, group)?, SECONDS).await?;
        println!("month's table     by {group}: {small}, {} dossiers", few.dossiers()?);
        println!("month's table     by {group}: {large}, {} dossiers", many.dossiers()?);
        println!(
            "  ratio           by {group}: p50 {:.2} of the time (at most {AIM_RATIO}); p99 {:.2}, {:.2} of {} ms",
            ratio(small.p50, large.p50),
            ratio(small.p99, large.p99),
            ratio(AIM, large.p99),
            AIM.as_millis()
        );
    }
    Ok(())
}

fn of_months(house: &House, group: &str) -> anyhow::Result<Asking> {
    let months = house.years().flat_map(|year| (1..=12).map(move |month| (year, month)));
    let path = |(year, month)| format!("/api/v1/statistics/units?month={year}-{month:02}&group={group}");
    Ok(Asking { served: house.serve()?, token: house.leader()?, paths: months.map(path).collect() })
}

/// What receiving, handing on and finishing costs with the trigger that notes it for the tallies, and without.
fn verbs(house: &House) -> anyhow::Result<()> {
    let (mut with, mut without) = (Duration::ZERO, Duration::ZERO);
    for _ in 0..3 {
        house.change("ALTER TABLE dossiers DISABLE TRIGGER USER")?;
        without += lives(house)?;
        house.change("ALTER TABLE dossiers ENABLE TRIGGER USER")?;
        with += lives(house)?;
    }
    let ms = |time: Duration| time.as_secs_f64() * 1000.0 / f64::from(3 * LIVES);
    println!(
        "receive to finish {:.2} ms with tallies, {:.2} ms without: {:.2} ×",
        ms(with),
        ms(without),
        ms(with) / ms(without)
    );
    house.repair()
}

fn lives(house: &House) -> anyhow::Result<Duration> {
    let (by, begun) = (console(), Instant::now());
    let form: dossiers::Intake = serde_json::from_value(json!({
        "procedure_code": "2.002516", "unit_code": "H21.16", "applicant": { "name": "Nguyễn Thị Ánh" },
    }))?;
    let finish = json!({ "result": "granted" }).to_string();
    for _ in 0..LIVES {
        let act = |work: &dyn Fn(&mut diesel::PgConnection, &Act<'_>) -> Result<String, motcua::error::AppError>| {
            house.state.act_here(&by, house.state.clock.now(), work)
        };
        let code = act(&|conn, act| Ok(dossiers::receive(conn, act, &form)?.dossier.code))?;
        let code = DossierCode::read(&code).context("no code")?;
        for (verb, body) in [("transfer", "{}"), ("finish", finish.as_str())] {
            act(&|conn, act| {
                let ask = Ask { code: code.clone(), if_match: IfMatch::default() };
                Action::read(verb, body.as_bytes())?.apply(conn, act, &ask)?;
                Ok(String::new())
            })?;
        }
    }
    Ok(begun.elapsed())
}

/// Recounts every dossier from its history; nothing may disagree.
fn recount(house: &House) -> anyhow::Result<()> {
    let (by, now, begun) = (console(), house.state.clock.now(), Instant::now());
    let found = house.state.db.read_here(&Scope::system(), |conn| {
        let office = house.state.office.in_force(conn)?;
        let others = Some(Others { db: &house.state.db, many: connections() - 1 });
        verify::verify(conn, &Act { office: &office, by: &by, now }, others, &[], &Progress::silent())
    })?;
    ensure!(found.faults.is_empty() && found.wrong == 0, "the tallies do not hold: {found}");
    let took = begun.elapsed();
    let of_ten_million = took.as_secs_f64() / f64::from(u32::try_from(found.dossiers)?) * 10_000_000.0;
    println!(
        "full recount      {:.1} s of {} dossiers; of ten million {of_ten_million:.0} s at this pace, {:.2} of the aim of {} s",
        took.as_secs_f64(),
        found.dossiers,
        of_ten_million / AIM_RECOUNT.as_secs_f64(),
        AIM_RECOUNT.as_secs()
    );
    Ok(())
}
