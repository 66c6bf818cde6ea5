//! A reorganisation as it is written down, read against the catalogue: every fault told at once.

use std::collections::{HashMap, HashSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::placing::{Heirs, ParentForm, Placing};
use crate::domain::catalogue::{Catalogue, Resolver, Unit};
use crate::domain::ids::{FieldId, UnitId};
use crate::domain::successions::{Succession, Successions};
use crate::domain::unit::is_unit_code;
use crate::error::{AppError, Said};
use crate::http::body::Faults;

/// What becomes of which unit, from a day on.
#[derive(Debug, Clone, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanForm {
    /// A code of one's own, by which it is asked for: letters, digits, `.` and `-`.
    pub code: Option<String>,
    /// The decision that it rests on.
    pub source: Option<String>,
    /// The first day of the new map, in Asia/Ho_Chi_Minh.
    pub on: Option<NaiveDate>,
    /// Units that end, and who follows them. The units that follow must be in the catalogue by then.
    pub moves: Option<Vec<MoveForm>>,
    /// Units that go on under another name or code.
    pub renames: Option<Vec<RenameForm>>,
    /// Units that go on below another unit. Those below one that ends lie below the one that follows it, if nothing is said here.
    pub parents: Option<Vec<ParentForm>>,
    /// Accounts that go elsewhere than to the unit that follows theirs.
    pub staff: Option<Vec<StaffForm>>,
}

/// A unit that ends. Each has one line without a field, and one more for each field that goes elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveForm {
    /// The code of the unit that ends.
    pub from: String,
    /// The code of the unit that follows.
    pub to: String,
    /// The code of a field; without it, all that no other line names.
    pub field: Option<String>,
}

/// A unit that is called otherwise.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RenameForm {
    /// The code of the unit.
    pub unit: String,
    /// The new code, where there is one; the old one stays known.
    pub code: Option<String>,
    /// The new name, where there is one.
    pub name: Option<String>,
}

/// Where an account goes.
#[derive(Debug, Clone, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffForm {
    /// The name to log in by.
    pub username: String,
    /// The code of one of the units that follow.
    pub to: String,
}

/// A unit that goes on under another name or code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    /// Which unit.
    pub unit: UnitId,
    /// Its code then.
    pub code: String,
    /// Its name then.
    pub name: String,
}

/// A reorganisation that can be carried out.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its code.
    pub code: String,
    /// The decision that it rests on.
    pub source: String,
    /// The first day of the new map, in Asia/Ho_Chi_Minh.
    pub on: NaiveDate,
    /// Who follows whom.
    pub moves: Vec<Succession>,
    /// Who is called otherwise.
    pub renames: Vec<Rename>,
    /// Who lies below another unit.
    pub placings: Vec<Placing>,
    /// Accounts by name that go to a unit of their own.
    pub staff: Vec<(String, UnitId)>,
    /// What should be looked at, in Vietnamese and English.
    pub warnings: Vec<Said>,
}

const LONGEST_CODE: usize = 40;
const LONGEST_UNIT_CODE: usize = 35;
const MOST_LINES: usize = 2000;

/// Whether a text can be the code of a reorganisation.
pub(super) fn is_code(text: &str) -> bool {
    text.chars().all(|one| one.is_ascii_alphanumeric() || matches!(one, '.' | '-'))
}

impl PlanForm {
    /// Reads it against the catalogue.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with every fault.
    pub fn read(&self, catalogue: &Catalogue) -> Result<Plan, AppError> {
        let mut faults = Faults::new();
        let code = self.read_code(&mut faults);
        let source = faults.text("/source", 500, self.source.as_deref());
        let on = faults.required("/on", self.on);
        let mut reader = Reader { catalogue, on, faults };
        let moves = reader.moves(self.moves.as_deref().unwrap_or_default());
        let renames = reader.renames(self.renames.as_deref().unwrap_or_default(), &moves);
        let rest = moves.iter().filter(|line| line.field.is_none()).map(|line| (line.from, line.to));
        let placings = reader.placings(self.parents.as_deref().unwrap_or_default(), &rest.collect());
        let staff = reader.staff(self.staff.as_deref().unwrap_or_default(), &moves);
        let mut faults = reader.faults;
        if faults.is_empty() && moves.is_empty() && renames.is_empty() && placings.is_empty() {
            let said = Said::new("nothing_to_do", "Không có đơn vị nào thay đổi", "No unit changes");
            faults.add("/moves", said);
        }
        let ((code, source), on) = faults.finish(code.zip(source).zip(on))?;
        let warnings = warnings(catalogue, &moves, on);
        Ok(Plan { code, source, on, moves, renames, placings, staff, warnings })
    }

    /// Returns who is called otherwise, of a plan that was decided.
    pub(super) fn renames_in(&self, catalogue: &Catalogue) -> Vec<Rename> {
        let mut reader = Reader { catalogue, on: self.on, faults: Faults::new() };
        reader.renames(self.renames.as_deref().unwrap_or_default(), &[])
    }

    /// Returns who lies below another unit, of a plan that was decided, as the catalogue is by now and with what follows what
    /// ends; and what no longer fits it.
    pub(super) fn placings_in(&self, catalogue: &Catalogue, heirs: &Heirs) -> (Vec<Placing>, Option<AppError>) {
        let mut reader = Reader { catalogue, on: self.on, faults: Faults::new() };
        let lies_there = |line: &&ParentForm| {
            let unit = catalogue.unit_by_code(line.unit.trim());
            unit.is_some_and(|unit| unit.parent == catalogue.unit_by_code(line.parent.trim()).map(|parent| parent.id))
        };
        let lines = self.parents.iter().flatten().filter(|line| !lies_there(line));
        let placings = reader.placings(&lines.cloned().collect::<Vec<_>>(), heirs);
        (placings, reader.faults.finish(Some(())).err())
    }

    /// Returns where accounts go, of a plan that was decided.
    pub(super) fn staff_in(&self, catalogue: &Catalogue) -> Vec<(String, UnitId)> {
        let mut reader = Reader { catalogue, on: self.on, faults: Faults::new() };
        reader.staff(self.staff.as_deref().unwrap_or_default(), &[])
    }

    fn read_code(&self, faults: &mut Faults) -> Option<String> {
        let code = faults.text("/code", LONGEST_CODE, self.code.as_deref())?;
        let said = Said::new(
            "bad_code",
            "Mã chỉ gồm chữ cái không dấu, chữ số, dấu chấm và gạch nối",
            "A code is made of unaccented letters, digits, dots and hyphens",
        );
        faults.read("/code", said, is_code(&code).then_some(code))
    }
}

/// Reads lines against the catalogue, gathering faults.
pub(super) struct Reader<'a> {
    pub(super) catalogue: &'a Catalogue,
    pub(super) on: Option<NaiveDate>,
    pub(super) faults: Faults,
}

impl<'a> Reader<'a> {
    fn moves(&mut self, lines: &[MoveForm]) -> Vec<Succession> {
        if lines.len() > MOST_LINES {
            let said = Said::new("too_many", "Tối đa 2000 dòng", "At most 2000 lines");
            self.faults.add("/moves", said);
            return Vec::new();
        }
        let read = lines.iter().enumerate().map(|(index, line)| self.one_move(index, line));
        let read: Vec<Option<Succession>> = read.collect();
        let moves: Vec<Succession> = read.iter().copied().flatten().collect();
        self.check_lines(&read);
        moves
    }

    fn one_move(&mut self, index: usize, line: &MoveForm) -> Option<Succession> {
        let from = self.unit(&format!("/moves/{index}/from"), &line.from);
        let to = self.unit(&format!("/moves/{index}/to"), &line.to);
        let field = match &line.field {
            Some(code) => Some(self.field(&format!("/moves/{index}/field"), code)?),
            None => None,
        };
        let (from, to, on) = (from?, to?, self.on?);
        if !to.exists_on(on) {
            let said = Said::new(
                "heir_not_there",
                format!("Đơn vị {} chưa có hoặc đã chấm dứt vào ngày đó; hãy nạp danh mục trước", to.code),
                format!("The unit {} does not exist on that day; load it into the catalogue first", to.code),
            );
            self.faults.add(format!("/moves/{index}/to"), said);
        }
        if self.catalogue.successions().ends(from.id) || from.valid_to.is_some() {
            let said = Said::new(
                "ends_already",
                format!("Đơn vị {} đã có ngày chấm dứt", from.code),
                format!("The unit {} ends already", from.code),
            );
            self.faults.add(format!("/moves/{index}/from"), said);
        }
        Some(Succession { from: from.id, to: to.id, field, on })
    }

    /// What lines say of each other: no unit follows one that itself ends, each that ends has one heir for the rest.
    fn check_lines(&mut self, lines: &[Option<Succession>]) {
        let all: Vec<Succession> = lines.iter().copied().flatten().collect();
        let ending: HashSet<UnitId> = all.iter().map(|line| line.from).collect();
        let mut seen: HashSet<(UnitId, Option<FieldId>)> = HashSet::new();
        let with_rest: HashSet<UnitId> = all.iter().filter(|line| line.field.is_none()).map(|line| line.from).collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(line) = line else { continue };
            if ending.contains(&line.to) {
                let said = Said::new(
                    "heir_ends_too",
                    "Đơn vị tiếp nhận cũng chấm dứt trong chính đợt này",
                    "The unit that follows ends in the same reorganisation",
                );
                self.faults.add(format!("/moves/{index}/to"), said);
            }
            if !seen.insert((line.from, line.field)) {
                let said = Said::new("stands_twice", "Dòng này có hai lần", "This line stands twice");
                self.faults.add(format!("/moves/{index}"), said);
            }
            if !with_rest.contains(&line.from) {
                let said = Said::new(
                    "no_heir_for_the_rest",
                    "Cần một dòng không có field cho phần còn lại của đơn vị này",
                    "A line without a field is needed for the rest of this unit",
                );
                self.faults.add(format!("/moves/{index}"), said);
            }
        }
    }

    fn renames(&mut self, lines: &[RenameForm], moves: &[Succession]) -> Vec<Rename> {
        let mut renames = Vec::new();
        let mut taken: HashMap<String, UnitId> = HashMap::new();
        for (index, line) in lines.iter().enumerate() {
            let Some(unit) = self.unit(&format!("/renames/{index}/unit"), &line.unit) else { continue };
            let code = line.code.as_deref().map_or(unit.code.as_str(), str::trim);
            let name = line.name.as_deref().map_or(unit.name.as_str(), str::trim);
            self.check_code(&format!("/renames/{index}/code"), unit, code);
            if taken.insert(code.to_owned(), unit.id).is_some() {
                let said = Said::new("stands_twice", "Mã này có hai lần", "This code stands twice");
                self.faults.add(format!("/renames/{index}/code"), said);
            }
            if name.is_empty() || name.chars().count() > 300 || (code, name) == (unit.code.as_str(), unit.name.as_str())
            {
                let said = Said::new(
                    "no_new_name",
                    "Cần tên mới (tối đa 300 ký tự) hoặc mã mới",
                    "A new name of up to 300 characters or a new code is needed",
                );
                self.faults.add(format!("/renames/{index}/name"), said);
            }
            if moves.iter().any(|line| line.from == unit.id) || renames.iter().any(|one: &Rename| one.unit == unit.id) {
                let said = Said::new(
                    "changes_twice",
                    "Đơn vị này đã đổi ở một dòng khác",
                    "This unit changes in another line too",
                );
                self.faults.add(format!("/renames/{index}/unit"), said);
            }
            renames.push(Rename { unit: unit.id, code: code.to_owned(), name: name.to_owned() });
        }
        renames
    }

    fn check_code(&mut self, pointer: &str, unit: &Unit, code: &str) {
        if code == unit.code {
            return;
        }
        if !is_unit_code(code) || code.len() > LONGEST_UNIT_CODE {
            let said = Said::new(
                "bad_unit_code",
                "Mã đơn vị phải theo QĐ 20/2020/QĐ-TTg, như H21.16",
                "A unit's code is written by QĐ 20/2020/QĐ-TTg, like H21.16",
            );
            self.faults.add(pointer, said);
        } else if self.catalogue.unit_by_code(code).is_some() {
            let said = Said::new("code_taken", "Mã này đã dùng", "This code is in use or was");
            self.faults.add(pointer, said);
        }
    }

    fn staff(&mut self, lines: &[StaffForm], moves: &[Succession]) -> Vec<(String, UnitId)> {
        let mut staff = Vec::new();
        for (index, line) in lines.iter().enumerate() {
            let Some(to) = self.unit(&format!("/staff/{index}/to"), &line.to) else { continue };
            if !moves.iter().any(|line| line.to == to.id) {
                let said = Said::new(
                    "no_heir",
                    "Đơn vị này không tiếp nhận đơn vị nào trong đợt này",
                    "This unit follows none in this reorganisation",
                );
                self.faults.add(format!("/staff/{index}/to"), said);
            }
            staff.push((line.username.trim().to_lowercase(), to.id));
        }
        staff
    }

    pub(super) fn unit(&mut self, pointer: &str, code: &str) -> Option<&'a Unit> {
        let said = Said::new("no_such_unit", "Không có đơn vị này", "There is no such unit");
        self.faults.read(pointer, said, self.catalogue.unit_by_code(code.trim()))
    }

    fn field(&mut self, pointer: &str, code: &str) -> Option<FieldId> {
        let fields = self.catalogue.fields();
        let found = fields.iter().find(|field| field.code == code.trim()).map(|field| field.id);
        self.faults.read(pointer, Said::new("no_such_field", "Không có lĩnh vực này", "There is no such field"), found)
    }
}

/// Procedures that a unit that ends resolves by name and the one that follows does not: nobody could receive them.
fn warnings(catalogue: &Catalogue, moves: &[Succession], on: NaiveDate) -> Vec<Said> {
    let following = Successions::new(moves.to_vec());
    let mut warnings = Vec::new();
    for procedure in catalogue.procedures_on(on) {
        let named = procedure.resolvers.iter().filter_map(|resolver| match resolver {
            Resolver::Unit(unit) => Some(*unit),
            Resolver::Kind(_) => None,
        });
        let heirs = named.map(|unit| (unit, following.in_charge(unit, procedure.field_id, on)));
        for to in heirs.filter(|(from, to)| from != to).filter_map(|(_, to)| catalogue.unit(to)) {
            if !procedure.is_resolved_by(to) {
                warnings.push(Said::new(
                    "not_resolved_by_heir",
                    format!("Thủ tục {} chưa giao cho {} ({})", procedure.code, to.code, to.name),
                    format!("The procedure {} is not resolved by {} yet", procedure.code, to.code),
                ));
            }
        }
    }
    warnings
}
