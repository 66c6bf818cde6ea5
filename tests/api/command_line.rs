//! What a person at the server's terminal types: commands as they should be, and wrong uses of them.

use motcua::domain::role::Role;
use serde_json::Value;

use crate::staff::house::House;
use crate::support::app::TestApp;
use crate::support::db::Holds;
use crate::support::program::{motcua, motcua_told};
use crate::support::rows::{Deed, History, World, put};

/// The office of the figures: one dossier early, one late.
fn with_two_dossiers() -> TestApp {
    let app = TestApp::over(Holds::Nothing, "2024-07-01 08:00", |_| {});
    let mut conn = app.db.connect();
    let world = World::lay(&mut conn);
    for end in ["2024-05-24 16:00", "2024-05-29 16:00"] {
        let life = History::new("H21.16", "2024-05-20 08:00", "2024-05-27 17:00").then(end, Deed::Finish);
        put(&mut conn, &world, &app.state.vault, &life);
    }
    app
}

#[actix_web::test]
async fn a_month_is_exported_as_the_api_says_it() {
    let app = with_two_dossiers();
    let month = ["export", "monthly", "--month", "2024-06", "--unit", "H21.16"];
    let to_file = motcua(&app.db, app.dir.path(), &[&month[..], &["--format", "csv"]].concat()).succeeds();
    let name = "bieu-06_H21.16_2024-05-15_2024-06-14.csv";
    assert_eq!(to_file.err.trim(), format!("15/05/2024 – 14/06/2024: {name}"));
    let controller = app.sign_in(Role::Controller, "H21");
    let served = app.get("/reports/06?month=2024-06&unit=H21.16&format=csv", &controller).await.expect(200);
    assert!(served.text.contains("Tổng cộng"), "{}", served.text);
    assert_eq!(std::fs::read_to_string(app.dir.path().join(name)).unwrap(), served.text);

    let printed =
        motcua(&app.db, app.dir.path(), &[&month[..], &["--format", "json", "--out", "-"]].concat()).succeeds();
    let report: Value = serde_json::from_str(&printed.out).unwrap();
    let served = app.get("/reports/06?month=2024-06&unit=H21.16", &controller).await.expect(200);
    assert_eq!(report["total"], served.body["total"]);
}

#[test]
fn an_export_of_no_month_no_unit_or_to_no_place_says_so_and_leaves_no_file() {
    let app = with_two_dossiers();
    let export = |more: &[&str]| {
        let args = [&["export", "monthly", "--format", "csv"], more].concat();
        motcua(&app.db, app.dir.path(), &args)
    };
    export(&["--month", "2024-13"]).fails(1, "motcua: --month 2024-13 is no month; write it like 2024-06");
    export(&["--month", "2150-06"]).fails(1, "motcua: --month: The period begins on 2150-05-15");
    export(&["--month", "2024-06", "--unit", "H99"]).fails(1, "motcua: --unit H99 is the code of no unit");
    export(&["--month", "2024-06", "--out", "nowhere/06.csv"]).fails(1, "nowhere/06.csv can't be written");
    export(&[]).fails(2, "--month <YYYY-MM>");
    let written = std::fs::read_dir(app.dir.path()).unwrap().map(|entry| entry.unwrap().path());
    assert!(written.into_iter().all(|path| path.extension().is_none_or(|kind| kind != "csv")));
}

#[actix_web::test]
async fn the_page_of_a_year_is_written_as_a_sheet_for_print_and_as_text_and_says_the_same_each_time() {
    let app = with_two_dossiers();
    let year = |more: &[&str]| motcua(&app.db, app.dir.path(), &[&["export", "year"], more].concat());
    let read = |ending: &str| {
        std::fs::read(app.dir.path().join(format!("so-lieu-nam_toan-tinh_2024-01-01_2024-12-31.{ending}"))).unwrap()
    };
    let files = || ["xlsx", "pdf", "txt"].map(read);
    year(&["--year", "2024"]).succeeds();
    let first = files();
    assert!(first[0].starts_with(b"PK") && first[1].starts_with(b"%PDF"));
    let text = String::from_utf8(first[2].clone()).unwrap();
    let total = "Tổng cộng: tiếp nhận trong kỳ: tổng số 2; tiếp nhận trong kỳ: trực tuyến 0; \
                 tiếp nhận trong kỳ: tỷ lệ trực tuyến 0,00 %; đã giải quyết: tổng số 2; đã giải quyết: trước hạn 1; \
                 đã giải quyết: đúng hạn 0; đã giải quyết: quá hạn 1; đang giải quyết 0; \
                 tỷ lệ trước hạn và đúng hạn 50,00 %; tỷ lệ trước hạn 50,00 %";
    assert!(text.contains(total), "{text}");
    assert!(text.contains("Mức độ hài lòng: chưa có số liệu"), "{text}");
    year(&["--year", "2024"]).succeeds();
    assert_eq!(files(), first);
    year(&["--year", "2150"]).fails(1, "motcua: --year: The period begins on 2150-01-01, which has not come yet");
    year(&["--year", "year"]).fails(1, "motcua: --year: A period is written like");
}

#[actix_web::test]
async fn any_layout_is_written_by_a_command_and_the_register_too() {
    let app = with_two_dossiers();
    let told = |args: &[&str]| motcua(&app.db, app.dir.path(), &[&["export", "report"], args].concat());
    assert!(told(&[]).succeeds().out.contains("06c\tBiểu 06c"));
    let printed = told(&["late", "--quarter", "2024-Q2", "--format", "csv", "--out", "-"]).succeeds();
    let controller = app.sign_in(Role::Controller, "H21");
    let served = app.get("/reports/late?quarter=2024-Q2&format=csv", &controller).await.expect(200);
    assert_eq!(printed.out, served.text);

    let register = told(&["register", "--calendar", "--month", "2024-05", "--format", "csv"]).succeeds();
    let name = "so-theo-doi_toan-tinh_2024-05-01_2024-05-31.csv";
    assert_eq!(register.err.lines().last(), Some(&*format!("01/05/2024 – 31/05/2024: {name}")));
    let lines = std::fs::read_to_string(app.dir.path().join(name)).unwrap();
    assert_eq!(lines.matches("H21.16-240101-").count(), 2, "{lines}");

    let full = ["register", "--calendar", "--month", "2024-05", "--format", "csv", "--out", "/dev/full"];
    told(&full).fails(1, "/dev/full can't be written: The disk is full");
    let full = ["late", "--quarter", "2024-Q2", "--format", "xlsx", "--out", "/dev/full"];
    told(&full).fails(1, "/dev/full can't be written: No space left");

    told(&["07", "--year", "2024"]).fails(1, "There is no such layout of a report; there are: 06, 06a");
    told(&["06", "--year", "2024", "--month", "2024-05"]).fails(1, "Name the period in one way");
    for layout in ["register", "06", "late"] {
        let of = |from, to| told(&[layout, "--from", from, "--to", to]);
        of("2150-01-01", "2150-02-01")
            .fails(1, "motcua: --from: The period begins on 2150-01-01, which has not come yet");
        of("2024-06-02", "2024-06-01").fails(1, "motcua: --to: The period is empty");
        told(&[layout, "--month", "2024-06", "--unit", "H99"]).fails(1, "--unit H99 is the code of no unit");
    }
    told(&["register", "--year", "2024", "--format", "pdf"]).fails(1, "a register is xlsx or csv");
    let named = [("--month", "2150-01"), ("--quarter", "2150-Q1"), ("--half-year", "2150-H1"), ("--year", "2150")];
    for (option, name) in named {
        told(&["register", option, name]).fails(1, &format!("motcua: {option}: The period begins on 21"));
        let wrong = ["06", "--calendar", option, "soon"];
        told(&wrong).fails(1, &format!("motcua: {option}: A period is written like"));
    }
}

const MAI: &[&str] = &["staff", "add", "mai.nt", "--full-name", "Nguyễn Thị Mai", "--unit", "H21.16", "--role"];

#[actix_web::test]
async fn an_account_is_made_listed_given_a_new_password_and_disabled_by_commands() {
    let house = House::open();
    let told = |args: &[&str], typed| motcua_told(&house.app.db, house.app.dir.path(), args, typed).succeeds();
    let made = told(&[MAI, &["officer"]].concat(), "một mật khẩu dài\n");
    assert_eq!(made.out, "Account mai.nt made\n");
    house.log_in("mai.nt", "một mật khẩu dài").await.expect(201);
    assert!(
        told(&["staff", "list"], "").out.contains("mai.nt\tofficer\tH21.16\tenabled\tpassword alone\tNguyễn Thị Mai\n")
    );

    let changed = told(&["staff", "password", "mai.nt", "--generate"], "");
    let password = changed.out.lines().find_map(|line| line.strip_prefix("Password: ")).unwrap();
    house.log_in("mai.nt", "một mật khẩu dài").await.expect(401);
    house.log_in("mai.nt", password).await.expect(201);

    assert_eq!(told(&["staff", "disable", "mai.nt"], "").out, "Account mai.nt disabled, its sessions ended\n");
    house.log_in("mai.nt", password).await.expect(401);
}

#[test]
fn a_wrong_staff_command_says_what_is_wrong_and_changes_nothing() {
    let house = House::open();
    let told = |args: &[&str], typed| motcua_told(&house.app.db, house.app.dir.path(), args, typed);
    let before = told(&["staff", "list"], "").succeeds().out;
    told(&[MAI, &["officer"]].concat(), "short\n").fails(1, "at least 12");
    told(&[MAI, &["portal"]].concat(), "một mật khẩu dài\n").fails(1, "only for API keys");
    told(&["staff", "disable", "nobody"], "").fails(1, "motcua: There is no such account");
    told(&["staff", "password", "nobody"], "một mật khẩu dài\n").fails(1, "motcua: There is no such account");
    told(&[MAI, &["king"]].concat(), "").fails(2, "invalid value 'king'");
    assert_eq!(told(&["staff", "list"], "").succeeds().out, before);
}

#[actix_web::test]
async fn a_key_is_made_listed_and_revoked_by_commands() {
    let house = House::open();
    let run = |args: &[&str]| motcua(&house.app.db, house.app.dir.path(), args).succeeds();
    let made = run(&["key", "add", "Quầy 1", "--role", "portal", "--unit", "H21.00.01"]);
    let key = made.out.trim();
    assert_eq!(house.app.get("/me", key).await.expect(200).field("unit_code"), "H21.00.01");
    let prefix = &key[4..12];
    let listed = run(&["key", "list"]).out;
    assert!(listed.starts_with(&format!("{prefix}\tportal\tH21.00.01\tvalid\t")), "{listed}");
    assert!(!listed.contains(key), "{listed}");

    assert_eq!(run(&["key", "revoke", prefix]).out, format!("Key {prefix} revoked\n"));
    assert!(run(&["key", "list"]).out.contains("\trevoked\t"));
    house.app.pass(chrono::TimeDelta::seconds(2));
    house.app.get("/me", key).await.expect(401);
}

#[test]
fn a_wrong_key_command_says_what_is_wrong_and_makes_no_key() {
    let house = House::open();
    let run = |args: &[&str]| motcua(&house.app.db, house.app.dir.path(), args);
    let add = |role: &str, unit: &str| run(&["key", "add", "Quầy 1", "--role", role, "--unit", unit]);
    add("admin", "H21.16").fails(1, "motcua: --role: No API key has the role admin");
    add("clerk", "H99").fails(1, "motcua: --unit: There is no unit of this code");
    run(&["key", "revoke", "nothing"]).fails(1, "motcua: There is no such API key");
    run(&["key", "add", "Quầy 1", "--role", "clerk"]).fails(2, "--unit <UNIT>");
    assert_eq!(run(&["key", "list"]).succeeds().out, "");
}
