//! Figures that no tally keeps, and the lists behind figures: counted from the history each time.

use crate::house::House;
use crate::in_turn::{Asking, in_turn, ratio};

const SECONDS: u64 = 5;
/// How many report months are asked for, one after the other.
const MONTHS: u32 = 12;

/// What is asked of a month.
const ASKED: [(&str, &str); 9] = [
    ("dossiers behind a cell", "dossiers?cell=late&"),
    ("dossiers of a unit behind a cell", "dossiers?cell=received&group=unit&group_key=H21.16&"),
    ("ages", "ageing?"),
    ("dossiers of all ages", "ageing/dossiers?cell=pending&"),
    ("working times by unit", "durations?"),
    ("working times by procedure", "durations?group=procedure&"),
    ("dossiers behind working times", "durations/dossiers?cell=count&"),
    ("patterns", "patterns?"),
    ("index of quality", "quality?"),
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
    let path = |month: u32| format!("/api/v1/statistics/{path}month={year}-{month:02}");
    Ok(Asking { served: house.serve()?, token: house.leader()?, paths: (1..=MONTHS).map(path).collect() })
}
