//! What checkpoints saw, as far as a known key signed them.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use anyhow::Context;
use diesel::PgConnection;
use uuid::Uuid;

use super::fault::{Fault, Witness};
use crate::audit::checkpoint::{self, Checkpoint};
use crate::error::AppError;
use crate::platform::signing::PublicKey;

/// How many checkpoints are read at once.
const AT_ONCE: i64 = 200;

/// One hash that checkpoints saw at a place, with the first of them.
#[derive(Debug)]
pub(super) struct Sighting {
    pub hash: Vec<u8>,
    pub witness: Witness,
}

/// What was seen of a chain, by place. Two checkpoints may contradict each other.
pub(super) type OfChain = BTreeMap<i64, Vec<Sighting>>;

/// What was seen of all chains.
#[derive(Debug, Default)]
pub(super) struct Signed {
    pub chains: BTreeMap<Uuid, OfChain>,
    /// The checkpoints of the database.
    pub count: usize,
    signatures: HashMap<i64, Vec<u8>>,
}

/// A line of a file of checkpoints that were kept elsewhere.
#[derive(Debug, Clone)]
pub struct Kept {
    line: usize,
    checkpoint: Option<Checkpoint>,
}

/// Reads a file of checkpoints, one a line.
///
/// # Errors
/// A file that can't be read; a line that is no checkpoint is a finding.
pub fn read_kept(file: &Path) -> anyhow::Result<Vec<Kept>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    Ok(lines.map(|(index, line)| Kept { line: index + 1, checkpoint: serde_json::from_str(line).ok() }).collect())
}

impl Signed {
    /// Gathers what the checkpoints of the database and those kept elsewhere saw, and what is wrong with them.
    pub(super) fn gather(
        conn: &mut PgConnection,
        keys: &[PublicKey],
        kept: &[Kept],
        faults: &mut Vec<Fault>,
    ) -> Result<Self, AppError> {
        let mut signed = Self::default();
        let mut last = 0;
        loop {
            let page = checkpoint::after(conn, last, AT_ONCE)?;
            if page.is_empty() {
                break;
            }
            for made in page {
                if made.number > last + 1 {
                    faults.push(Fault::CheckpointsMissing { from: last + 1, to: made.number - 1 });
                }
                last = made.number;
                signed.count += 1;
                signed.hear(&made, None, keys, faults);
                signed.signatures.insert(made.number, made.signature);
            }
        }
        for one in kept {
            signed.hear_kept(one, keys, faults);
        }
        Ok(signed)
    }

    fn hear_kept(&mut self, kept: &Kept, keys: &[PublicKey], faults: &mut Vec<Fault>) {
        let line = kept.line;
        let Some(made) = &kept.checkpoint else {
            faults.push(Fault::KeptUnreadable { line });
            return;
        };
        let is_ours = self.hear(made, Some(line), keys, faults);
        let witness = Witness { number: made.number, made_at: made.made_at, line: Some(line) };
        match self.signatures.get(&made.number) {
            None if is_ours => faults.push(Fault::KeptMissing { witness }),
            Some(there) if is_ours && *there != made.signature => faults.push(Fault::KeptDiffers { witness }),
            _ => {}
        }
    }

    /// Believes a checkpoint that a known key signed; says whether one did.
    fn hear(&mut self, made: &Checkpoint, line: Option<usize>, keys: &[PublicKey], faults: &mut Vec<Fault>) -> bool {
        let witness = Witness { number: made.number, made_at: made.made_at, line };
        if !made.is_signed_by(keys) {
            faults.push(Fault::NotSigned { witness });
            return false;
        }
        for head in &made.heads {
            let seen = self.chains.entry(head.unit).or_default().entry(head.seq).or_default();
            if seen.iter().all(|sighting| sighting.hash != head.hash) {
                seen.push(Sighting { hash: head.hash.clone(), witness: witness.clone() });
            }
        }
        true
    }
}
