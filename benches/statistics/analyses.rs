//! Figures that no tally keeps, and the lists behind figures: counted from the history each time.

use crate::house::House;
use crate::in_turn::{Asking, in_turn, ratio};

const SECONDS: u64 = 5;
/// How many report months are asked for, one after the other.
const MONTHS: u32 = 12;

/// What is asked of a month, and of a year.
const ASKED: [(&str, &str); 11] = [
    ("dossiers behind a cell", "statistics/dossiers?cell=late&month="),
    ("dossiers of a unit behind a cell", "statistics/dossiers?cell=received&group=unit&group_key=H21.16&month="),
    ("ages", "statistics/ageing?month="),
    ("dossiers of all ages", "statistics/ageing/dossiers?cell=pending&month="),
    ("working times by unit", "statistics/durations?month="),
    ("working times by procedure", "statistics/durations?group=procedure&month="),
    ("dossiers behind working times", "statistics/durations/dossiers?cell=count&month="),
    ("patterns", "statistics/patterns?month="),
    ("index of quality", "statistics/quality?month="),
    ("where a month was taken in", "statistics/received-at?month="),
    ("page of the year", "reports/year?format=json&year="),
];

/// Asks both for the months of the last year, as one leader would. There is no aim: what can't be answered is said.
pub async fn compare(few: &House, many: &House) -> anyhow::Result<()> {
    for (name, path) in ASKED {
        match in_turn(&asking(few, path)?, &asking(many, path)?, SECONDS).await {
            Ok((small, large)) => {
                println!("analysis          {name}: {small}, {} dossiers", few.dossiers()?);
                println!("analysis          {name}: {large}, {} dossiers", many.dossiers()?);
                println!("  ratio           {name}: p50 {:.2} of the time", ratio(small.p50, large.p50));
            }
            Err(err) => println!("analysis          {name}: NOT ANSWERED: {err:#}"),
        }
    }
    Ok(())
}

fn asking(house: &House, path: &str) -> anyhow::Result<Asking> {
    let year = house.years().end().to_owned();
    let path = |month: u32| match path.ends_with("year=") {
        true => format!("/api/v1/{path}{year}"),
        false => format!("/api/v1/{path}{year}-{month:02}"),
    };
    Ok(Asking { served: house.serve()?, token: house.leader()?, paths: (1..=MONTHS).map(path).collect() })
}
