//! Layouts of reports. A layout is a file of data: what is printed above and below, which columns there are and what each
//! shows, what makes a row. A new form of a ministry is a new file, in `config/reports/` or in the operator's directory.

mod layout;
mod read;
mod shows;
mod texts;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, MailedReport};
use crate::error::{AppError, Said};

pub use layout::{Column, Counts, Head, Layout, LayoutFault, Orientation, Page, Paper, Rows, Signature, Written};
pub(super) use shows::{Figures, RegisterColumn, Shows, share};
pub(super) use texts::{Piece, Text, Word};

/// The layouts that come with the program, by code.
const SHIPPED: [(&str, &str); 10] = [
    ("06", include_str!("../../../config/reports/06.toml")),
    ("06a", include_str!("../../../config/reports/06a.toml")),
    ("06b", include_str!("../../../config/reports/06b.toml")),
    ("06c", include_str!("../../../config/reports/06c.toml")),
    ("progress", include_str!("../../../config/reports/progress.toml")),
    ("provincial", include_str!("../../../config/reports/provincial.toml")),
    ("late", include_str!("../../../config/reports/late.toml")),
    ("late-acceptance", include_str!("../../../config/reports/late-acceptance.toml")),
    ("year", include_str!("../../../config/reports/year.toml")),
    ("register", include_str!("../../../config/reports/register.toml")),
];

/// All layouts there are.
#[derive(Debug)]
pub struct Layouts(BTreeMap<String, Arc<Layout>>);

impl Layouts {
    /// Reads the layouts that are shipped, and those of a directory: a file there named as a shipped one takes its place.
    ///
    /// # Errors
    /// The first [`LayoutFault`], naming the file and the place.
    pub fn load(dir: Option<&Path>) -> Result<Self, LayoutFault> {
        let mut files: BTreeMap<String, (String, String)> = BTreeMap::new();
        for (code, text) in SHIPPED {
            files.insert(code.to_owned(), (format!("config/reports/{code}.toml"), text.to_owned()));
        }
        for path in dir.map(listed).transpose()?.unwrap_or_default() {
            let named = path.file_stem().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
            let text = std::fs::read_to_string(&path).map_err(|err| fault(&path, err.to_string()))?;
            files.insert(named, (path.display().to_string(), text));
        }
        let texts: BTreeMap<_, _> = files.iter().map(|(code, (_, text))| (code.as_str(), text.as_str())).collect();
        let mut layouts = BTreeMap::new();
        for (code, (file, text)) in &files {
            layouts.insert(code.clone(), Arc::new(read::layout((file, code, text), &texts)?));
        }
        Ok(Self(layouts))
    }

    /// Reads the layouts of a house. They are read anew each time they are asked for: a form that was put into the
    /// operator's directory is there at once.
    ///
    /// # Errors
    /// [`AppError::Conflict`] with the [`LayoutFault`]; at the start of a process it stops the start.
    pub fn of(config: &Config) -> Result<Self, AppError> {
        let broken = |fault: LayoutFault| {
            AppError::Conflict(Said::new(
                "layout_broken",
                format!("Tệp mẫu báo cáo có lỗi, hãy báo quản trị: {fault}"),
                format!("The file of a layout is wrong, tell the administrator: {fault}"),
            ))
        };
        Self::load(config.exports.layouts()).map_err(broken)
    }

    /// Checks that a report that is to be mailed can be: its layout and its addresses.
    ///
    /// # Errors
    /// A [`LayoutFault`] that names the setting.
    pub fn check_mailed(&self, report: &MailedReport) -> Result<(), LayoutFault> {
        let fault = |place: &str, why: String| {
            let place = format!("exports.mailed.{place}");
            Err(LayoutFault { file: "settings".to_owned(), place, why })
        };
        match self.0.get(&report.layout) {
            None => return fault("layout", format!("there is no layout `{}`", report.layout)),
            Some(layout) if layout.counts == Counts::Register => {
                return fault("layout", "a register is not mailed".to_owned());
            }
            Some(_) => {}
        }
        match report.to.iter().find(|to| !to.contains('@')) {
            Some(to) => fault("to", format!("`{to}` is no address")),
            None if report.to.is_empty() => fault("to", "names nobody".to_owned()),
            None => Ok(()),
        }
    }

    /// Finds a layout by its code.
    ///
    /// # Errors
    /// [`AppError::NotFound`] that lists those there are.
    pub fn find(&self, code: &str) -> Result<Arc<Layout>, AppError> {
        self.0.get(code).cloned().ok_or_else(|| {
            let known = self.0.keys().cloned().collect::<Vec<_>>().join(", ");
            AppError::NotFound(Said::new(
                "layout_not_found",
                format!("Không có mẫu báo cáo này; có các mẫu: {known}"),
                format!("There is no such layout of a report; there are: {known}"),
            ))
        })
    }

    /// Returns all of them in the order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Layout>> {
        self.0.values()
    }
}

fn listed(dir: &Path) -> Result<Vec<PathBuf>, LayoutFault> {
    let entries = std::fs::read_dir(dir).map_err(|err| fault(dir, err.to_string()))?;
    let mut paths = Vec::new();
    for entry in entries {
        paths.push(entry.map_err(|err| fault(dir, err.to_string()))?.path());
    }
    paths.retain(|path| path.extension().is_some_and(|kind| kind == "toml"));
    paths.sort();
    Ok(paths)
}

fn fault(path: &Path, why: String) -> LayoutFault {
    LayoutFault { file: path.display().to_string(), place: "exports.layouts_dir".to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::statistics::Grouping;

    const FORM: &str = r#"
        about = "a"
        form = "b"
        title = "c"
        file = "d"
        sheet = "e"
        counts = "dossiers"
        rows = ["unit"]
        columns = [{ name = "Đơn vị", shows = "name" }, { name = "Cộng", shows = "early + on_time" }]
    "#;

    fn with(text: &str) -> Result<Layouts, LayoutFault> {
        let dir = std::env::temp_dir().join(format!("layouts-{}", uuid::Uuid::now_v7().simple()));
        std::fs::create_dir_all(&dir).unwrap();
        std::fs::write(dir.join("mine.toml"), text).unwrap();
        let loaded = Layouts::load(Some(&dir));
        std::fs::remove_dir_all(&dir).unwrap();
        loaded
    }

    #[test]
    fn every_shipped_layout_can_be_read() {
        let layouts = Layouts::load(None).unwrap();
        let widths: Vec<_> = layouts.all().map(|layout| (layout.code.as_str(), layout.width())).collect();
        assert_eq!(widths.len(), SHIPPED.len());
        assert_eq!(layouts.find("06").unwrap().width(), 13);
        assert_eq!(layouts.find("06c").unwrap().rows, Rows::In(Grouping::Kind, Grouping::Field));
        assert_eq!(layouts.find("progress").unwrap().width(), 18);
        assert_eq!(layouts.find("provincial").unwrap().width(), 14);
    }

    #[test]
    fn the_head_of_the_form_is_merged_as_it_is_printed() {
        let layouts = Layouts::load(None).unwrap();
        let form = layouts.find("06").unwrap();
        let head = |text: &str| {
            let found = form.heads.iter().find(|head| head.text == text).unwrap();
            (found.top, found.left, found.bottom, found.right)
        };
        assert_eq!(form.depth, 3);
        assert_eq!(head("TT"), (0, 0, 2, 0));
        assert_eq!(head("Số lượng hồ sơ tiếp nhận"), (0, 2, 0, 5));
        assert_eq!(head("Trong kỳ"), (1, 3, 1, 4));
        assert_eq!(head("Từ kỳ trước"), (1, 5, 2, 5));
        assert_eq!(form.columns[3].heading(), "Số lượng hồ sơ tiếp nhận: Trong kỳ: Trực tuyến");
    }

    #[test]
    fn a_file_of_the_operator_is_a_layout_and_may_build_on_another() {
        let mine = with(FORM).unwrap().find("mine").unwrap();
        assert_eq!((mine.width(), mine.depth), (2, 1));
        let like = with("like = \"06\"\ntitle = \"Của tỉnh\"").unwrap().find("mine").unwrap();
        assert_eq!((like.title.as_str(), like.width()), ("Của tỉnh", 13));
    }

    #[test]
    fn a_layout_that_makes_no_sense_is_named_with_its_place() {
        for (from, to, place, why) in [
            ("early + on_time", "earlier", "columns.Cộng.shows", "earlier"),
            ("shows = \"name\"", "show = \"name\"", "columns.0", "show"),
            ("[\"unit\"]", "[\"ward\"]", "rows", "ward"),
            ("[\"unit\"]", "[\"unit\", \"unit\"]", "rows", "twice"),
            ("\"dossiers\"", "\"people\"", "counts", "people"),
            ("\"e\"", "\"a/b\"", "sheet", "a/b"),
            // The name of a file goes into a header and onto any system: no blanks, quotes or Vietnamese letters.
            ("\"d\"", "\"báo cáo\"", "file", "báo cáo"),
            ("\"e\"", "\"e\"\npage = { paper = \"a5\", orientation = \"portrait\" }", "page.paper", "a5"),
            ("shows = \"name\"", "columns = []", "columns.Đơn vị", "neither"),
            ("\"b\"", "\"b\"\nnotes = [\"{late} {nothing}\"]", "notes.0", "nothing"),
            ("early + on_time", "early / on_time / late", "columns.Cộng.shows", "one `/`"),
        ] {
            let fault = with(&FORM.replace(from, to)).unwrap_err();
            assert!(fault.file.ends_with("mine.toml"), "{fault}");
            assert!(fault.place.contains(place) && fault.why.contains(why), "{from} → {to}: {fault}");
        }
        assert!(with("like = \"nothing\"").unwrap_err().to_string().contains("like"));
    }
}
