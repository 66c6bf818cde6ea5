//! Papers as bodies bring them, read with every fault.

use serde::{Deserialize, Serialize};

use super::intake::word_or;
use crate::domain::dossier::PaperKind;
use crate::error::Said;
use crate::http::body::Faults;

/// A paper as a body brings it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperForm {
    /// Its code, where it has one.
    pub code: Option<String>,
    /// What it is.
    pub name: Option<String>,
    /// `original`, `certified`, `copy` (the default) or `electronic`.
    pub kind: Option<String>,
    /// How many; 1 when left out.
    pub quantity: Option<i16>,
}

/// A paper, read.
#[derive(Debug, Clone)]
pub struct PaperRead {
    /// Its code.
    pub code: Option<String>,
    /// What it is.
    pub name: String,
    /// In which form.
    pub kind: PaperKind,
    /// How many.
    pub quantity: i16,
}

const MOST_PAPERS: usize = 200;

/// Reads papers, noting every fault.
pub fn read_papers(faults: &mut Faults, pointer: &str, papers: &[PaperForm]) -> Option<Vec<PaperRead>> {
    if papers.len() > MOST_PAPERS {
        faults.add(
            pointer,
            Said::new(
                "too_many_papers",
                format!("Tối đa {MOST_PAPERS} giấy tờ"),
                format!("At most {MOST_PAPERS} papers"),
            ),
        );
        return None;
    }
    let read = papers.iter().enumerate().map(|(index, paper)| read_paper(faults, &format!("{pointer}/{index}"), paper));
    // All are read before any is given up, so that all faults are told.
    read.collect::<Vec<_>>().into_iter().collect()
}

fn read_paper(faults: &mut Faults, pointer: &str, paper: &PaperForm) -> Option<PaperRead> {
    let name = faults.text(&format!("{pointer}/name"), 500, paper.name.as_deref());
    let code = faults.optional_text(&format!("{pointer}/code"), 64, paper.code.as_deref());
    let kind = word_or(faults, &format!("{pointer}/kind"), paper.kind.as_deref(), PaperKind::Copy);
    let quantity = paper.quantity.unwrap_or(1);
    if !(1..=1000).contains(&quantity) {
        faults.add(
            format!("{pointer}/quantity"),
            Said::new("wrong_quantity", "Số lượng từ 1 đến 1000", "The quantity is from 1 to 1000"),
        );
    }
    Some(PaperRead { code, name: name?, kind: kind?, quantity })
}
