//! The register of all years as a workbook: by `motcua export report register`, and by Python's XlsxWriter in constant memory
//! (python3-xlsxwriter, python3-psycopg2).

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, ensure};

use crate::house::House;

/// How much faster it is to be.
const AIM_FASTER: f64 = 5.0;
/// What it may take of memory at most.
const AIM_MIB: u64 = 150;
/// How often is looked at what memory a program has.
const LOOK: Duration = Duration::from_millis(50);
const PYTHON: &str = "/usr/bin/python3";

/// By what means XlsxWriter writes it: those of ours, and those that books usually name.
const MEANS: [(&str, &str); 2] = [("columns", "by the same means"), ("cells", "with a format for each cell")];

/// Writes it by both, one after the other: by ours from the database, by theirs from rows that are in memory already.
pub fn register(house: &House) -> anyhow::Result<()> {
    let years = house.years();
    let (from, to) = (format!("{}-01-01", years.start()), format!("{}-01-01", years.end() + 1));
    let ours = house.data().join("register.xlsx");
    let mut motcua = Command::new(env!("CARGO_BIN_EXE_motcua"));
    motcua.args(["export", "report", "register", "--from", &from, "--to", &to, "--format", "xlsx", "--out"]).arg(&ours);
    motcua.env("MOTCUA__DATABASE__URL", house.url()).env("MOTCUA__DATA__DIR", house.data());
    let (took, mib) = measured(&mut motcua)?;
    let took = took.as_secs_f64();
    println!(
        "register          {took:.1} s, {mib} MiB of memory (at most {AIM_MIB}), a file of {} MiB; {} dossiers",
        file_mib(&ours)?,
        house.dossiers()?,
    );
    for (means, said) in MEANS {
        let theirs = house.data().join("register-python.xlsx");
        let python = xlsx_writer(house, &theirs, means)?;
        println!(
            "                  XlsxWriter {said}: {python:.1} s, {} MiB: {:.1} × as fast (aim {AIM_FASTER})",
            file_mib(&theirs)?,
            python / took,
        );
    }
    Ok(())
}

/// Has Python write it; returns the seconds that the writing took.
fn xlsx_writer(house: &House, file: &Path, means: &str) -> anyhow::Result<f64> {
    let mut script = Command::new(PYTHON);
    script.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/statistics/register.py"));
    let python = script.arg(house.url()).arg(file).arg(means).output()?;
    ensure!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    String::from_utf8(python.stdout)?.trim().parse().context("no seconds")
}

fn file_mib(path: &Path) -> anyhow::Result<u64> {
    Ok(std::fs::metadata(path)?.len() >> 20)
}

/// Runs a program to its end; returns how long that took, and the most memory that it has had, in MiB.
fn measured(command: &mut Command) -> anyhow::Result<(Duration, u64)> {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::null()).stdin(Stdio::null()).spawn()?;
    let (process, mut mib) = (child.id(), 0);
    let (ended, end) = mpsc::channel::<()>();
    let waiting = std::thread::spawn(move || {
        let status = child.wait();
        // Who looks at the memory stops when nothing can come any more.
        drop(ended);
        status
    });
    while end.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
        mib = mib.max(peak_mib(process).unwrap_or(0));
    }
    let took = begun.elapsed();
    let status = waiting.join().or(Err(anyhow!("a thread panicked")))??;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok((took, mib))
}

/// The greatest memory that a process has had, as the kernel counts it.
fn peak_mib(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(line.trim().trim_end_matches(" kB").parse::<u64>().ok()? >> 10)
}
