//! What the audit costs: intake as it is beside intake that writes an entry in the same transaction, whose chains are
//! linked meanwhile. The counter's own work writes none, its events are its record: this is the dearest case there is.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use motcua::audit::{self, chain};
use motcua::command::console;
use motcua::domain::audit::{Action, Subject};
use motcua::dossiers::{self, Intake};
use motcua::state::AppState;
use serde_json::json;

use crate::house::BenchHouse;

const COUNTERS: usize = 16;
/// Each side is measured so often, in turn.
const ROUNDS: usize = 3;
const SECONDS: u64 = 5;
/// What must be left of the rate.
const AIM: f64 = 0.9;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Audit {
    Without,
    With,
}

/// Measures both sides and prints their ratio.
pub async fn measure(house: &BenchHouse) -> anyhow::Result<()> {
    let forms: Vec<Intake> = house.intakes().iter().map(|body| serde_json::from_str(body)).collect::<Result<_, _>>()?;
    let forms = Arc::new(forms);
    let (mut without, mut with) = (0.0, 0.0);
    for _ in 0..ROUNDS {
        without += rate(&house.state, &forms, Audit::Without).await?;
        with += rate(&house.state, &forms, Audit::With).await?;
    }
    let rounds = f64::from(u32::try_from(ROUNDS)?);
    println!("audit             {:.0} intakes/s without an entry, {:.0}/s with one", without / rounds, with / rounds);
    println!("  ratio           {:.2} (at least {AIM})", with / without);
    Ok(())
}

async fn rate(state: &AppState, forms: &Arc<Vec<Intake>>, audit: Audit) -> anyhow::Result<f64> {
    let (over, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let begun = Instant::now();
    let counters: Vec<_> = (0..COUNTERS)
        .map(|counter| {
            let (state, forms, over, done) = (state.clone(), Arc::clone(forms), Arc::clone(&over), Arc::clone(&done));
            tokio::task::spawn_blocking(move || {
                let mut round = counter;
                while !over.load(Ordering::Relaxed) {
                    if let Some(form) = forms.get(round * 7 % forms.len()) {
                        receive(&state, form, audit)?;
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    round += 1;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    while begun.elapsed() < Duration::from_secs(SECONDS) {
        tokio::time::sleep(Duration::from_millis(500)).await;
        if audit == Audit::With {
            chain::tick(state.clone()).await?;
        }
    }
    over.store(true, Ordering::Relaxed);
    for counter in counters {
        counter.await??;
    }
    Ok(f64::from(u32::try_from(done.load(Ordering::Relaxed))?) / begun.elapsed().as_secs_f64())
}

fn receive(state: &AppState, form: &Intake, audit: Audit) -> anyhow::Result<()> {
    state.act_here(&console(), state.clock.now(), |conn, act| {
        let received = dossiers::receive(conn, act, form)?;
        if audit == Audit::With {
            let subject = Subject::Dossier(&received.dossier.code);
            audit::note(conn, act, Action::DossierCorrected, subject, json!({}))?;
        }
        Ok(())
    })?;
    Ok(())
}
