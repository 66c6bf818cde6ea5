//! Carries the deeds out in the order of their moments: two threads, each with agencies of its own, since codes
//! are counted per unit and day; some fifty deeds a transaction, each with its own `now`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, NaiveDateTime, Utc};

use super::course::{Deed, Standing, next};
use super::deeds::{Due, carry_out};
use super::plan::{Life, by_unit};
use super::queries::{keep, look_at_sizes};
use super::threads::{THREADS, side_by_side};
use super::{SimulationError, actor};
use crate::domain::catalogue::Catalogue;
use crate::domain::code::DossierCode;
use crate::domain::ids::UnitId;
use crate::domain::period::{from_office_time, office_time};
use crate::domain::procedure::TermUnit;
use crate::domain::role::Role;
use crate::dossiers::Dossier;
use crate::platform::db::Scope;
use crate::platform::progress::Progress;
use crate::state::{AppState, Office};

/// Deeds in one transaction.
const BATCH: usize = 50;

/// Lives all lives, up to now: what would lie in the future does not happen.
///
/// # Errors
/// What a use case refuses; transactions before it stand.
pub fn replay(state: &AppState, office: &Office, lives: &[Life], progress: &Progress) -> Result<(), SimulationError> {
    let stopped = AtomicBool::new(false);
    let replay = Replay { state, office, lives, progress, until: office_time(state.clock.now()), stopped: &stopped };
    side_by_side(shares(lives), |share| replay.live(&share))
}

/// Shares the units out so that the threads have about as much to do.
fn shares(lives: &[Life]) -> Vec<Vec<usize>> {
    let mut units: Vec<Vec<usize>> = by_unit(lives).into_values().collect();
    units.sort_by_key(|unit| Reverse(unit.len()));
    let mut shares = vec![Vec::new(); THREADS];
    for unit in units {
        if let Some(least) = shares.iter_mut().min_by_key(|share| share.len()) {
            least.extend(unit);
        }
    }
    shares
}

struct Replay<'a> {
    state: &'a AppState,
    office: &'a Office,
    lives: &'a [Life],
    progress: &'a Progress,
    until: NaiveDateTime,
    stopped: &'a AtomicBool,
}

/// What the next deed of a life is; ordered by its moment.
type Turn = Reverse<(NaiveDateTime, usize, Deed)>;

/// What is known of a dossier that exists.
struct Known {
    code: DossierCode,
    stands: Standing,
}

/// One thread's part.
struct Part {
    turns: BinaryHeap<Turn>,
    known: BTreeMap<usize, Known>,
}

impl Replay<'_> {
    fn live(&self, share: &[usize]) -> Result<(), SimulationError> {
        let lives = share.iter().filter_map(|at| self.lives.get(*at).map(|life| (*at, life)));
        let turns = lives.map(|(at, life)| Reverse((life.arrives_at, at, Deed::Come))).collect();
        let mut part = Part { turns, known: BTreeMap::new() };
        for number in 1_usize.. {
            let batch = self.batch(&mut part);
            if batch.is_empty() || self.stopped.load(Ordering::Relaxed) {
                return Ok(());
            }
            if let Err(err) = self.carry_out(&mut part, &batch).and_then(|()| self.after(number)) {
                self.stopped.store(true, Ordering::Relaxed);
                return Err(err);
            }
        }
        Ok(())
    }

    /// Looks at the sizes of the tables as they double: a long replay needs it little more often than a short one.
    fn after(&self, batches: usize) -> Result<(), SimulationError> {
        if batches.is_power_of_two() {
            self.state.db.tx_here(&Scope::system(), |conn| Ok(look_at_sizes(conn)?))?;
        }
        Ok(())
    }

    /// Takes the next deeds, at most one of each dossier: the next one depends on what came of it.
    fn batch(&self, part: &mut Part) -> Vec<(NaiveDateTime, usize, Deed)> {
        let mut batch = Vec::new();
        let mut taken = BTreeSet::new();
        while batch.len() < BATCH {
            let Some(Reverse((moment, at, deed))) = part.turns.peek().copied() else { break };
            if moment > self.until {
                self.progress.advance(1);
                part.turns.pop();
                continue;
            }
            if !taken.insert(at) {
                break;
            }
            part.turns.pop();
            batch.push((moment, at, deed));
        }
        batch
    }

    fn carry_out(&self, part: &mut Part, batch: &[(NaiveDateTime, usize, Deed)]) -> Result<(), SimulationError> {
        let dues: Vec<(usize, Due<'_>)> =
            batch.iter().filter_map(|turn| Some((turn.1, self.due(part, *turn)?))).collect();
        let done = self.transact(&dues)?;
        for ((at, due), dossier) in dues.iter().zip(done) {
            let stands = Standing { last: due.deed, due_at: dossier.due_at.or(due.stands.due_at), ..due.stands };
            let next = next(self.office.catalogue.calendar(), due.life, &stands)?;
            match (next, DossierCode::read(&dossier.code)) {
                (Some((moment, deed)), Some(code)) => {
                    part.turns.push(Reverse((moment.max(stands.at), *at, deed)));
                    part.known.insert(*at, Known { code, stands });
                }
                _ => {
                    part.known.remove(at);
                    self.progress.advance(1);
                }
            }
        }
        Ok(())
    }

    fn due(&self, part: &Part, (moment, at, deed): (NaiveDateTime, usize, Deed)) -> Option<Due<'_>> {
        let life = self.lives.get(at)?;
        let known = part.known.get(&at);
        let stands = known.map_or_else(|| self.beginning(life), |known| known.stands);
        Some(Due { life, deed, stands: Standing { at: moment, ..stands }, code: known.map(|known| known.code.clone()) })
    }

    fn beginning(&self, life: &Life) -> Standing {
        Standing {
            last: Deed::Come,
            at: life.arrives_at,
            due_at: None,
            unit: term_unit(&self.office.catalogue, life),
            supplement_days: self.office.config.dossiers.supplement_days,
        }
    }

    /// Does a batch in one transaction, and takes its notices out of the queue in the same one.
    fn transact(&self, dues: &[(usize, Due<'_>)]) -> Result<Vec<Dossier>, SimulationError> {
        let now: DateTime<Utc> = dues.first().map_or(self.state.clock.now(), |(_, due)| due.now());
        let by = actor(Role::Admin, UnitId(uuid::Uuid::nil()));
        // Each deed has its own moment, and a small year passes months in one batch.
        for (_, due) in dues {
            self.state.have_keys_here(due.now()).map_err(SimulationError::Stopped)?;
        }
        let mut refused = None;
        let done = self.state.act_here(&by, now, |conn, act| {
            let mut done = Vec::with_capacity(dues.len());
            for (_, due) in dues {
                let dossier = carry_out(conn, act.office, due).inspect_err(|_| refused = Some(due))?;
                done.push(dossier);
            }
            let ids: Vec<_> = done.iter().map(|dossier| dossier.id).collect();
            keep(conn, &ids)?;
            Ok(done)
        });
        done.map_err(|source| match refused {
            Some(due) => SimulationError::Refused { deed: due.deed.as_str(), number: due.life.number, source },
            None => SimulationError::Stopped(source),
        })
    }
}

fn term_unit(catalogue: &Catalogue, life: &Life) -> TermUnit {
    let day = crate::domain::period::office_date(from_office_time(life.arrives_at));
    let procedure = catalogue.procedure_on(&life.procedure_code, day);
    let terms = procedure.and_then(|procedure| procedure.terms.as_ref());
    terms.map_or(TermUnit::WorkingDay, |terms| terms.base.unit())
}
