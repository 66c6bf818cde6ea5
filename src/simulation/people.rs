//! Made-up people: names of common syllables, numbers that nobody has.

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::dossiers::PersonForm;

const FAMILY: [&str; 12] =
    ["Nguyễn", "Trần", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Rơ Châm", "Ksor"];
const MIDDLE: [&str; 10] = ["Văn", "Thị", "Minh", "Ngọc", "Quốc", "Thanh", "Đức", "Hữu", "Kim", "Xuân"];
const GIVEN: [&str; 20] = [
    "An", "Ánh", "Bình", "Châu", "Dũng", "Giang", "Hà", "Hải", "Hạnh", "Hùng", "Hương", "Khánh", "Lan", "Linh", "Long",
    "Mai", "Nam", "Phương", "Sơn", "Tuấn",
];

/// Returns the person of a seed.
pub fn made_up(seed: u64) -> PersonForm {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut pick = |words: &[&'static str]| {
        let at = rng.random_range(0..words.len());
        words.get(at).copied().unwrap_or_default()
    };
    let name = format!("{} {} {}", pick(&FAMILY), pick(&MIDDLE), pick(&GIVEN));
    let number: u32 = rng.random_range(0..100_000);
    let has_email = rng.random_range(0..100) < 15;
    PersonForm {
        kind: None,
        name: Some(name),
        // No province has the number 000, and no operator numbers that begin with 09000.
        id_number: Some(format!("000{:09}", u32::from(has_email) * 100_000 + number)),
        phone: Some(format!("09000{number:05}")),
        email: has_email.then(|| format!("nguoi.{number:05}@mophong.invalid")),
        address: None,
        mandate: None,
    }
}
