//! A file of `motcua export …` gets its name when all is in it; what can't be written leaves nothing behind.

use std::path::Path;
use std::process::Command;

use super::given;
use crate::support::app::TestApp;
use crate::support::program::{Ran, program, ran};

const REPORT: [&str; 7] = ["export", "report", "06", "--month", "2024-06", "--format", "xlsx"];
const REGISTER: [&str; 7] = ["export", "report", "register", "--month", "2024-06", "--format", "csv"];

/// Runs the program where a file may have so many blocks of 512 bytes, as on a disk that fills up on the way.
fn with_room_for(blocks: &str, app: &TestApp, args: &[&str]) -> Ran {
    let program = program(&app.db, app.dir.path());
    // Nobody listens to the signal, so that the write fails and the process lives on.
    let mut limited = Command::new("sh");
    limited.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", blocks]).arg(program.get_program()).args(args);
    limited.current_dir(app.dir.path());
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    ran(&limited.output().unwrap())
}

/// The names of the files in a folder that begin like this.
fn named(dir: &Path, begin: &str) -> Vec<String> {
    let files = std::fs::read_dir(dir).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.retain(|name| name.starts_with(begin));
    names.sort();
    names
}

#[actix_web::test]
async fn an_export_that_can_not_be_written_leaves_no_file_and_no_half_of_one() {
    let (app, _) = given();
    let dir = app.dir.path();
    for (args, file) in [(REPORT, "month.xlsx"), (REGISTER, "month.csv")] {
        let args = [&args[..], &["--out", file]].concat();
        with_room_for("unlimited", &app, &args).succeeds();
        assert_eq!(named(dir, "month"), [file]);
        let whole = std::fs::read(dir.join(file)).unwrap();

        // What was there before stays as it was.
        with_room_for("1", &app, &args).fails(1, "can't be written");
        assert_eq!(named(dir, "month"), [file]);
        assert!(std::fs::read(dir.join(file)).unwrap() == whole, "{file} was touched");

        std::fs::remove_file(dir.join(file)).unwrap();
        with_room_for("1", &app, &args).fails(1, "can't be written");
        assert_eq!(named(dir, "month"), Vec::<String>::new());
    }
}

#[actix_web::test]
async fn a_year_that_can_not_be_written_leaves_none_of_its_files() {
    let (app, _) = given();
    let year = ["export", "year", "--year", "2024"];
    with_room_for("unlimited", &app, &year).succeeds();
    let files = named(app.dir.path(), "so-lieu-nam");
    assert_eq!(files.len(), 3, "{files:?}");
    for file in &files {
        std::fs::remove_file(app.dir.path().join(file)).unwrap();
    }
    with_room_for("1", &app, &year).fails(1, "can't be written");
    assert_eq!(named(app.dir.path(), "so-lieu-nam"), Vec::<String>::new());
}

/// There is nothing to rename to: what is no file is written to as it is.
#[actix_web::test]
async fn a_device_is_written_to_as_it_is() {
    let (app, _) = given();
    with_room_for("unlimited", &app, &[&REPORT[..], &["--out", "/dev/full"]].concat()).fails(1, "can't be written");
    assert!(!Path::new("/dev/full.part").exists());
}
