//! Which legs can be, when each begins, and how long the longest way takes.

use motcua::domain::legs::{Course, LegForm, Legs, Stand, Turn};
use motcua::domain::procedure::{Amount, TermUnit};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::catalogue::given::{Copy, House};

/// The group of three legs with 3 + 3 + 10 working days.
const KARAOKE: &str = "9.000007";

fn leg(does: &str, after: &[&str]) -> Value {
    json!({ "does": does, "unit": "H21.90", "lead": does == "a", "after": after, "procedure_code": "1",
        "term": { "amount": 1, "unit": "working_day" } })
}

fn read(legs: &[Value]) -> Result<Legs, Vec<String>> {
    let forms: Vec<LegForm> = legs.iter().map(|leg| serde_json::from_value(leg.clone()).unwrap()).collect();
    Legs::read(forms).map_err(|faults| faults.into_iter().map(|(_, fault)| fault.to_string()).collect())
}

#[test]
fn a_leg_that_waits_for_itself_or_in_a_circle_is_refused_with_the_fault_named() {
    assert_eq!(read(&[leg("a", &["a"])]), Err(vec!["`a` waits for itself".to_owned()]));
    let circle = [leg("a", &["c"]), leg("b", &["a"]), leg("c", &["b"])];
    let expected =
        ["waits in a circle: a → c → b → a", "waits in a circle: b → a → c → b", "waits in a circle: c → b → a → c"];
    assert_eq!(read(&circle), Err(expected.map(str::to_owned).to_vec()));
    assert_eq!(read(&[leg("a", &["sleep"])]), Err(vec!["there is no leg `sleep` to wait for".to_owned()]));
    assert_eq!(read(&[leg("a", &[]), leg("a", &[])]).unwrap_err()[0], "there are two legs `a`");
    assert_eq!(read(&[leg("b", &[])]), Err(vec!["needs exactly one lead, has 0".to_owned()]));
}

#[test]
fn an_import_names_the_leg_that_is_wrong_and_changes_nothing() {
    let house = House::empty();
    let copy = Copy::new();
    copy.change_row("processes.json", "W7", |row| {
        row["legs"][0]["after"] = json!(["issue the insurance card"]);
        row["legs"][1]["unit_kind"] = json!("vertical");
    });
    copy.change_row("processes.json", "W8", |row| row["legs"][1]["after"] = json!(["certify security and order"]));
    let said = house.load(copy.path()).unwrap_err().to_string();
    for line in [
        "processes.json: item 7 (W7): /legs/0/after: waits in a circle",
        "processes.json: item 7 (W7): /legs/1: needs either unit or unit_kind",
        "processes.json: item 8 (W8): /legs/1/after: `certify security and order` waits for itself",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    assert_eq!(house.count("processes"), 0);
}

#[test]
fn the_longest_way_through_the_legs_is_their_term() {
    let mut legs = vec![leg("a", &[]), leg("b", &["a"]), leg("c", &["a"]), leg("d", &["b", "c"])];
    legs[2]["term"]["amount"] = json!(2.5);
    let term = read(&legs).unwrap().longest_path().unwrap();
    assert_eq!((term.amount(), term.unit()), (Amount::from_hundredths(450).unwrap(), TermUnit::WorkingDay));
    legs[3]["term"] = json!({ "amount": 8, "unit": "working_hour" });
    assert_eq!(read(&legs).unwrap().longest_path(), None, "hours and days are not added");
    assert_eq!(Legs::default().longest_path(), None);
}

/// Legs each of which waits for some of those before it, in any order in the file.
fn any_legs() -> impl Strategy<Value = Legs> {
    let waits = prop::collection::vec(prop::collection::vec(any::<bool>(), 8), 1..8);
    (waits, any::<u64>()).prop_map(|(waits, turn)| {
        let name = |number: usize| char::from(b'a' + u8::try_from(number).unwrap()).to_string();
        let mut legs: Vec<Value> = Vec::new();
        for (number, before) in waits.iter().enumerate() {
            let after: Vec<String> = (0..number).filter(|place| before[*place]).map(name).collect();
            let after: Vec<&str> = after.iter().map(String::as_str).collect();
            legs.push(leg(&name(number), &after));
        }
        let by = usize::try_from(turn % 8).unwrap() % legs.len();
        legs.rotate_left(by);
        read(&legs).unwrap()
    })
}

proptest! {
    /// Whatever the legs come to: each begins after all that it waits for, none is left over, and none begins
    /// without a grant before it.
    #[test]
    fn every_leg_begins_in_its_turn_or_is_moot(legs in any_legs(), grants in prop::collection::vec(any::<bool>(), 8)) {
        let mut stands = vec![Stand::NotBegun; legs.iter().count()];
        for _ in 0..=stands.len() {
            let begins: Vec<usize> = (0..stands.len()).filter(|place| legs.turns(&stands)[*place] == Some(Turn::Begins)).collect();
            for place in &begins {
                let before = &legs.get(*place).unwrap().after;
                prop_assert!(before.iter().all(|before| stands[*before] == Stand::Granted));
            }
            for place in begins {
                stands[place] = Stand::Runs;
                prop_assert_eq!(Course::of(&stands), Course::GoesOn);
            }
            for place in 0..stands.len() {
                if stands[place] == Stand::Runs {
                    stands[place] = if grants[place] { Stand::Granted } else { Stand::Failed };
                }
            }
        }
        prop_assert_eq!(Course::of(&stands), Course::Ended);
        let left: Vec<_> = legs.turns(&stands).into_iter().flatten().collect();
        prop_assert!(left.iter().all(|turn| *turn == Turn::IsMoot), "{left:?}");
        if grants.iter().all(|granted| *granted) {
            prop_assert!(left.is_empty());
        }
    }
}

/// Every way through the legs, one after the other.
fn ways_to(legs: &Legs, place: usize) -> Vec<u32> {
    let own = legs.get(place).unwrap().term.amount().hundredths();
    let after = &legs.get(place).unwrap().after;
    let before: Vec<u32> = after.iter().flat_map(|before| ways_to(legs, *before)).collect();
    if before.is_empty() { vec![own] } else { before.into_iter().map(|way| way + own).collect() }
}

proptest! {
    #[test]
    fn no_way_through_the_legs_is_longer_than_the_longest(legs in any_legs()) {
        let longest = legs.longest_path().unwrap().amount().hundredths();
        let all = (0..legs.iter().count()).flat_map(|place| ways_to(&legs, place)).max();
        prop_assert_eq!(all, Some(longest));
    }
}

#[test]
fn a_procedure_without_a_term_takes_as_long_as_its_legs() {
    let house = House::empty();
    let copy = Copy::new();
    copy.change_row("procedures.json", KARAOKE, |row| drop(row.as_object_mut().unwrap().remove("term")));
    house.load(copy.path()).unwrap();
    let office = house.app.state.office.in_force(&mut house.conn()).unwrap();
    let group = office.catalogue.procedure_on(KARAOKE, "2026-11-21".parse().unwrap()).unwrap();
    let base = group.terms.as_ref().unwrap().base;
    assert_eq!((base.amount(), base.unit()), (Amount::whole(16), TermUnit::WorkingDay));

    let copy = Copy::new();
    copy.change_row("procedures.json", "1.004222", |row| drop(row.as_object_mut().unwrap().remove("term")));
    let said = house.load(copy.path()).unwrap_err().to_string();
    assert!(said.contains("(1.004222): /term: is missing"), "{said}");
}
