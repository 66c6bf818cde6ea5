//! The lives of a year, drawn from a seed: the same seed and catalogue give the same lives.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use rand::{Rng, RngExt, SeedableRng};

use super::SimulationError;
use super::moments::{WHOLE, of_day};
use crate::domain::calendar::Calendar;
use crate::domain::catalogue::{Catalogue, Procedure, ProcedureState, Unit, UnitKind};
use crate::domain::dossier::ResultDelivery;
use crate::domain::ids::UnitId;
use crate::domain::period::Period;
use crate::domain::procedure::{Channel, Cutoff, TermUnit};

/// What the year is to look like; what comes of it is another matter.
#[derive(Debug, Clone)]
pub struct Targets {
    /// The year.
    pub year: i32,
    /// How many dossiers.
    pub dossiers: u32,
    /// The same seed gives the same year.
    pub seed: u64,
    /// On time in departments and vertical agencies, in basis points.
    pub on_time_departments: u32,
    /// On time in land offices, in basis points.
    pub on_time_land_offices: u32,
    /// Invitations by SMS to collect early; 5 of 6 dossiers when left out.
    pub early_sms: Option<u32>,
}

/// How a dossier comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intake {
    /// At the counter or by post, complete.
    Complete,
    /// At the counter, with papers missing.
    Incomplete,
    /// Through the portal.
    Online,
    /// Through the portal, and not taken in.
    Unfit,
}

/// How a dossier ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Before the due date.
    Early,
    /// On it.
    OnTheDay,
    /// So many working days after it.
    Late {
        /// Working days.
        days: u32,
    },
    /// Taken back.
    Withdrawn,
    /// Stopped: what was missing never came.
    Lapsed,
}

/// What happens on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detour {
    /// Nothing.
    None,
    /// A step handed on by itself.
    Advance,
    /// Papers are asked for.
    Supplement,
    /// Money is owed.
    Payment,
}

/// One dossier to be.
#[derive(Debug, Clone)]
pub struct Life {
    /// Its number in the plan, from 1.
    pub number: usize,
    /// The unit that resolves it.
    pub unit: UnitId,
    /// Its code.
    pub unit_code: String,
    /// The unit whose counter receives it.
    pub receives_at: UnitId,
    /// The code of the procedure.
    pub procedure_code: String,
    /// When it comes.
    pub arrives_at: NaiveDateTime,
    /// How it comes.
    pub intake: Intake,
    /// Through which channel.
    pub channel: Channel,
    /// How the result goes.
    pub delivery: ResultDelivery,
    /// Whether SMS are allowed.
    pub sms: bool,
    /// What happens on the way.
    pub detour: Detour,
    /// How it ends.
    pub end: End,
    /// Whether the result is a refusal.
    pub refused: bool,
    /// The seed of its people.
    pub person: u64,
    /// Shares drawn for whatever the course needs, in basis points.
    pub luck: [u32; 6],
    is_same_day: bool,
    is_land_office: bool,
}

impl Life {
    /// Whether its early result can invite by SMS.
    fn can_invite_early(&self) -> bool {
        let has_result = self.end == End::OnTheDay && !self.refused && self.intake != Intake::Unfit;
        has_result && !self.is_same_day && self.sms && self.delivery != ResultDelivery::Postal
    }
}

/// A unit that takes part, with what it resolves.
struct Agency<'a> {
    unit: &'a Unit,
    weight: u32,
    procedures: Vec<&'a Procedure>,
}

/// Draws the lives of the year, in the order of their arrival.
///
/// # Errors
/// A year without procedures or calendar, or shares above the whole.
pub fn draw(catalogue: &Catalogue, targets: &Targets) -> Result<Vec<Life>, SimulationError> {
    check(targets)?;
    let period = Period::calendar_year(targets.year)?;
    let mut rng = StdRng::seed_from_u64(targets.seed);
    let agencies = agencies(catalogue, period.from(), &mut rng);
    if agencies.is_empty() {
        return Err(SimulationError::NothingToReceive { year: targets.year });
    }
    let days = Days365::of(catalogue.calendar(), &period)?;
    let mut lives: Vec<Life> =
        (0..targets.dossiers).filter_map(|_| life(catalogue.calendar(), &agencies, &days, &mut rng)).collect();
    lives.sort_by_key(|life| life.arrives_at);
    for (number, life) in (1..).zip(&mut lives) {
        life.number = number;
    }
    make_late(&mut lives, targets, &mut rng);
    make_early(&mut lives, targets, &mut rng);
    Ok(lives)
}

fn check(targets: &Targets) -> Result<(), SimulationError> {
    let shares = [
        ("the share of departments on time", targets.on_time_departments),
        ("the share of land offices on time", targets.on_time_land_offices),
    ];
    match shares.into_iter().find(|(_, share)| *share > WHOLE) {
        Some((what, _)) => Err(SimulationError::NoShare { what }),
        None => Ok(()),
    }
}

/// The units of the province below it that resolve something from the first day on: communes have counters of
/// their own, and the centre resolves nothing.
fn agencies<'a>(catalogue: &'a Catalogue, day: NaiveDate, rng: &mut StdRng) -> Vec<Agency<'a>> {
    let procedures = catalogue.procedures_on(day);
    let received = |procedure: &&Procedure| {
        procedure.state == ProcedureState::Published && procedure.terms.is_some() && procedure.process_id.is_some()
    };
    let received: Vec<&Procedure> = procedures.into_iter().filter(received).collect();
    let mut agencies = Vec::new();
    for unit in catalogue.units() {
        let base = match unit.kind {
            UnitKind::LandOffice => 16,
            UnitKind::Vertical => 6,
            UnitKind::Department => 3,
            UnitKind::Province | UnitKind::OneStopCentre | UnitKind::Commune => continue,
        };
        let procedures: Vec<_> = received.iter().copied().filter(|procedure| procedure.is_resolved_by(unit)).collect();
        if !procedures.is_empty() {
            agencies.push(Agency { unit, weight: base * rng.random_range(30..200), procedures });
        }
    }
    agencies
}

/// The days of a year, with the working ones apart.
struct Days365 {
    all: Vec<NaiveDate>,
    working: Vec<NaiveDate>,
}

impl Days365 {
    fn of(calendar: &Calendar, period: &Period) -> Result<Self, SimulationError> {
        let all: Vec<NaiveDate> = period.from().iter_days().take_while(|day| *day < period.to()).collect();
        let mut working = Vec::new();
        for day in &all {
            // Mondays are full and Fridays are not: a day stands as often as people come.
            if calendar.is_working_day(*day)? {
                let often = 12 - day.weekday().num_days_from_monday().min(5);
                working.extend((0..often).map(|_| *day));
            }
        }
        Ok(Self { all, working })
    }
}

fn one_of<T: Copy>(rng: &mut StdRng, from: &[T]) -> Option<T> {
    if from.is_empty() {
        return None;
    }
    from.get(rng.random_range(0..from.len())).copied()
}

/// Returns whether something happens that happens so often in ten thousand.
fn happens(rng: &mut StdRng, share: u32) -> bool {
    rng.random_range(0..WHOLE) < share
}

fn life(calendar: &Calendar, agencies: &[Agency<'_>], days: &Days365, rng: &mut StdRng) -> Option<Life> {
    let agency = agency(agencies, rng)?;
    let procedure = one_of(rng, &agency.procedures)?;
    let term = procedure.terms.as_ref()?.base;
    let channel = match rng.random_range(0..100) {
        0..42 => Channel::Online,
        42..97 => Channel::Direct,
        _ => Channel::Postal,
    };
    let is_land_office = agency.unit.kind == UnitKind::LandOffice;
    let is_long = term.unit() != TermUnit::WorkingHour && term.amount().units() >= 3;
    let mut life = Life {
        number: 0,
        unit: agency.unit.id,
        unit_code: agency.unit.code.clone(),
        receives_at: agency.unit.receives_at,
        procedure_code: procedure.code.clone(),
        arrives_at: arrival(calendar, days, channel, rng)?,
        intake: intake(channel, rng),
        channel,
        delivery: match rng.random_range(0..100) {
            0..85 => ResultDelivery::Counter,
            85..97 => ResultDelivery::Online,
            _ => ResultDelivery::Postal,
        },
        sms: happens(rng, 9850),
        detour: detour(is_long, is_land_office, rng),
        end: End::OnTheDay,
        refused: happens(rng, 60),
        person: rng.next_u64(),
        luck: std::array::from_fn(|_| rng.random_range(0..WHOLE)),
        is_same_day: term.is_same_day() || procedure.cutoff == Cutoff::At1500,
        is_land_office,
    };
    life.end = match rng.random_range(0..10_000) {
        0..60 => End::Withdrawn,
        60..75 if life.detour == Detour::Supplement || is_long => End::Lapsed,
        _ => End::OnTheDay,
    };
    if life.end == End::Lapsed {
        life.detour = Detour::Supplement;
    }
    Some(life)
}

fn agency<'a, 'b>(agencies: &'b [Agency<'a>], rng: &mut StdRng) -> Option<&'b Agency<'a>> {
    let total: u32 = agencies.iter().map(|agency| agency.weight).sum();
    let mut drawn = rng.random_range(0..total.max(1));
    for agency in agencies {
        match drawn.checked_sub(agency.weight) {
            Some(rest) => drawn = rest,
            None => return Some(agency),
        }
    }
    agencies.last()
}

fn intake(channel: Channel, rng: &mut StdRng) -> Intake {
    match (channel, rng.random_range(0..1000)) {
        (Channel::Online, 0..6) => Intake::Unfit,
        (Channel::Online, _) => Intake::Online,
        (_, 0..8) => Intake::Incomplete,
        _ => Intake::Complete,
    }
}

fn detour(is_long: bool, is_land_office: bool, rng: &mut StdRng) -> Detour {
    let payment = if is_land_office { 200 } else { 15 };
    match rng.random_range(0..1000) {
        drawn if is_long && drawn < payment => Detour::Payment,
        drawn if is_long && drawn < payment + 25 => Detour::Supplement,
        900.. => Detour::Advance,
        _ => Detour::None,
    }
}

/// How many come in each eighth of a working day.
const EIGHTHS: [u32; 8] = [15, 19, 17, 11, 9, 12, 11, 6];

/// Counters are open in working time; a third of what comes online comes in the evening, also on days off.
fn arrival(calendar: &Calendar, days: &Days365, channel: Channel, rng: &mut StdRng) -> Option<NaiveDateTime> {
    let seconds = TimeDelta::seconds(rng.random_range(0..60));
    if channel == Channel::Online && happens(rng, 3300) {
        let evening = NaiveTime::from_hms_opt(rng.random_range(17..23), rng.random_range(0..60), 0)?;
        return Some(one_of(rng, &days.all)?.and_time(evening) + seconds);
    }
    let mut drawn = rng.random_range(0..EIGHTHS.iter().sum());
    let mut eighth = 0;
    for many in EIGHTHS {
        match drawn.checked_sub(many) {
            Some(rest) => drawn = rest,
            None => break,
        }
        eighth += 1;
    }
    let share = eighth * WHOLE / 8 + rng.random_range(0..WHOLE / 8);
    // The last dossier is taken in some minutes before the doors close.
    Some(of_day(calendar, one_of(rng, &days.working)?, share.min(9_900)) + seconds)
}

/// Makes as many late as the targets leave, in departments and in land offices.
fn make_late(lives: &mut [Life], targets: &Targets, rng: &mut StdRng) {
    for (is_land_office, on_time) in [(false, targets.on_time_departments), (true, targets.on_time_land_offices)] {
        let mut resolved: Vec<&mut Life> = lives
            .iter_mut()
            .filter(|life| life.is_land_office == is_land_office && life.intake != Intake::Unfit)
            .filter(|life| life.end == End::OnTheDay)
            .collect();
        resolved.shuffle(rng);
        let late = share_of(resolved.len(), WHOLE - on_time.min(WHOLE));
        for life in resolved.into_iter().take(late) {
            life.end = End::Late { days: rng.random_range(1..16) };
        }
    }
}

/// Makes as many early as are to be invited by SMS, and half of those that nobody invites by it.
fn make_early(lives: &mut [Life], targets: &Targets, rng: &mut StdRng) {
    let wanted = targets.early_sms.unwrap_or(targets.dossiers / 6 * 5);
    let (mut able, rest): (Vec<&mut Life>, Vec<&mut Life>) = lives.iter_mut().partition(|life| life.can_invite_early());
    able.shuffle(rng);
    for life in able.into_iter().take(usize::try_from(wanted).unwrap_or(usize::MAX)) {
        life.end = End::Early;
    }
    for life in rest.into_iter().filter(|life| life.end == End::OnTheDay && !life.is_same_day) {
        if happens(rng, 5_000) {
            life.end = End::Early;
        }
    }
}

/// Returns the share of a number, rounded half up.
fn share_of(number: usize, share: u32) -> usize {
    let (share, whole) = (usize::try_from(share).unwrap_or(0), usize::try_from(WHOLE).unwrap_or(1));
    (number.saturating_mul(share) + whole / 2) / whole
}

/// Returns the lives by the unit that resolves them.
pub fn by_unit(lives: &[Life]) -> BTreeMap<UnitId, Vec<usize>> {
    let mut units: BTreeMap<UnitId, Vec<usize>> = BTreeMap::new();
    for (at, life) in lives.iter().enumerate() {
        units.entry(life.unit).or_default().push(at);
    }
    units
}
