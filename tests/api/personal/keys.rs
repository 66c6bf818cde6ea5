//! Keys of months and classes: made before they are used, the same in every process, gone for good when destroyed.

use std::sync::Barrier;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use motcua::domain::retention::KeyClass;
use motcua::platform::clock::Clock;
use motcua::platform::secret::VaultError;
use motcua::schema::{audit_entries, data_keys, dossier_people, notices};
use motcua::state::AppState;
use motcua::{app, platform};
use proptest::prelude::*;

use crate::support::app::{TestApp, at, intake};
use crate::support::db::{Holds, config};
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};
use crate::support::program::{Ran, program, ran};

const TEXT: &str = "052190000123";

/// Another process on the same database, with the same master keys.
fn another(app: &TestApp) -> AppState {
    app::state(config(), &app.db.url, Clock::manual(app.state.clock.now())).unwrap()
}

/// Seals a text as a deed at that moment would.
fn seal(state: &AppState, at: DateTime<Utc>, class: &KeyClass) -> (i16, Vec<u8>) {
    state.have_keys_here(at).unwrap();
    let key = state.vault.data_key(at, class).unwrap();
    (key.number(), key.seal("place", TEXT).unwrap())
}

/// Opens it as any transaction of that process would, once it has looked at the database.
async fn opens(state: &AppState, (number, sealed): &(i16, Vec<u8>)) -> Result<String, VaultError> {
    state.keep_keys().await.unwrap();
    state.vault.open(*number, "place", sealed)
}

fn keys_of_people(app: &TestApp) -> Vec<i16> {
    let rows = dossier_people::table.order(dossier_people::dossier_id).select(dossier_people::key_id);
    rows.load(&mut app.db.connect()).unwrap()
}

#[actix_web::test]
async fn what_a_month_seals_it_seals_with_its_own_keys() {
    let office = Office::at("2026-10-31 16:00").await;
    let october = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    office.app.set("2026-11-02 09:00");
    office.received(TEN_DAYS).await;
    let of_people = keys_of_people(&office.app);
    let of_notices: Vec<i16> =
        notices::table.order(notices::id).select(notices::key_id).load(&mut office.app.db.connect()).unwrap();
    let classes: Vec<(i16, String, String)> = data_keys::table
        .order(data_keys::number)
        .select((data_keys::number, diesel::dsl::sql::<diesel::sql_types::Text>("month::text"), data_keys::class))
        .load(&mut office.app.db.connect())
        .unwrap();
    let sealed_by =
        |number: i16| classes.iter().find(|key| key.0 == number).map(|(_, month, class)| (&**month, &**class));
    assert_eq!(sealed_by(of_people[0]), Some(("2026-10-01", "dossiers")));
    assert_eq!(sealed_by(of_people[1]), Some(("2026-11-01", "dossiers")));
    assert_eq!(sealed_by(of_notices[0]), Some(("2026-10-01", "notices")));
    assert_eq!(office.show(&october).await["applicant"]["id_number"], TEXT);
}

#[actix_web::test]
async fn a_field_that_is_kept_for_another_time_has_keys_of_its_own() {
    let field = "SELECT f.code AS name FROM fields f JOIN procedure_versions v ON v.field_id = f.id
        JOIN procedures p ON p.id = v.procedure_id WHERE p.code = '2.000894'";
    let code = {
        let app = TestApp::over(Holds::TheProvince, "2026-10-05 09:00", |_| {});
        super::name(&mut app.db.connect(), field)
    };
    let office =
        Office::with("2026-10-05 09:00", |config| config.retention.field_years = [(code.clone(), 30)].into()).await;
    office.received(TEN_DAYS).await;
    let key = keys_of_people(&office.app)[0];
    let class: String =
        data_keys::table.find(key).select(data_keys::class).first(&mut office.app.db.connect()).unwrap();
    assert_eq!(class, format!("dossiers:{code}"));
}

#[actix_web::test]
async fn what_a_master_key_sealed_before_there_were_data_keys_still_opens() {
    let office = Office::at("2026-10-05 09:00").await;
    let dossier = office.received(TEN_DAYS).await;
    let place = format!("dossier {} applicant id_number", dossier["id"].as_str().unwrap());
    let vault = &office.app.state.vault;
    diesel::update(dossier_people::table)
        .set((
            dossier_people::key_id.eq(vault.key_id()),
            dossier_people::id_number.eq(vault.seal(&place, "048190000999").unwrap()),
            dossier_people::phone.eq(None::<Vec<u8>>),
            dossier_people::email.eq(None::<Vec<u8>>),
            dossier_people::address.eq(None::<Vec<u8>>),
        ))
        .execute(&mut office.app.db.connect())
        .unwrap();
    assert_eq!(office.show(dossier["code"].as_str().unwrap()).await["applicant"]["id_number"], "048190000999");
}

/// Were the key made in the transaction of the deed, it would be lost with it, and all that was sealed later too.
#[actix_web::test]
async fn the_key_of_a_month_whose_first_deed_fails_is_there_all_the_same() {
    let office = Office::at("2026-10-05 09:00").await;
    office.received(TEN_DAYS).await;
    office.app.set("2026-11-02 09:00");
    office
        .app
        .db
        .connect()
        .batch_execute("ALTER TABLE dossier_words ADD CONSTRAINT no CHECK (false) NOT VALID")
        .unwrap();
    office.app.post("/dossiers", &office.clerk, &intake(TEN_DAYS, DEPARTMENT)).await.expect(500);
    office.app.db.connect().batch_execute("ALTER TABLE dossier_words DROP CONSTRAINT no").unwrap();
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let other = TestApp::on_same(&office.app);
    let shown = other.get(&format!("/dossiers/{code}"), &office.clerk).await.expect(200).body;
    assert_eq!(shown["applicant"]["id_number"], TEXT);
}

#[actix_web::test]
async fn processes_that_make_the_same_months_agree() {
    let app = TestApp::over(Holds::TheProvince, "2026-10-05 09:00", |_| {});
    let processes = [another(&app), another(&app), another(&app)];
    let months: Vec<_> = (0..6).map(|month| app.state.clock.now() + TimeDelta::days(31 * month)).collect();
    let barrier = Barrier::new(processes.len());
    let sealed: Vec<Vec<_>> = std::thread::scope(|scope| {
        let work = |state| {
            let (barrier, months) = (&barrier, &months);
            move || {
                barrier.wait();
                months.iter().map(|at| seal(state, *at, &KeyClass::Dossiers)).collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = processes.iter().map(|state| scope.spawn(work(state))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for of_one in &sealed {
        let numbers = |sealed: &Vec<(i16, Vec<u8>)>| sealed.iter().map(|(number, _)| *number).collect::<Vec<_>>();
        assert_eq!(numbers(of_one), numbers(&sealed[0]));
        for one in of_one {
            assert_eq!(opens(&app.state, one).await.unwrap(), TEXT);
        }
    }
}

#[actix_web::test]
async fn a_destroyed_key_is_forgotten_by_every_process_and_never_comes_back() {
    let app = TestApp::at("2026-10-05 09:00").await;
    let other = another(&app);
    let now = app.state.clock.now();
    let sealed = seal(&app.state, now, &KeyClass::Dossiers);
    assert_eq!(opens(&other, &sealed).await.unwrap(), TEXT);
    let destroy =
        "UPDATE data_keys SET wrapped = NULL, wrapped_by = NULL, destroyed_at = made_at WHERE class = 'dossiers'
        AND destroyed_at IS NULL";
    let mut conn = app.db.connect();
    conn.batch_execute(destroy).unwrap();
    // One by a request, the other by what every process does for itself.
    app.get("/me", &app.sign_in(motcua::domain::role::Role::Clerk, "H21")).await.expect(200);
    app.state.look(&motcua::command::console(), |_, _| Ok(())).await.unwrap();
    assert!(matches!(app.state.vault.open(sealed.0, "place", &sealed.1), Err(VaultError::Destroyed(_))));
    assert!(matches!(opens(&other, &sealed).await, Err(VaultError::Destroyed(_))));
    // What is sealed in the same month afterwards is sealed by another key.
    let again = seal(&other, now, &KeyClass::Dossiers);
    assert_ne!(again.0, sealed.0);
    for sql in [
        "UPDATE data_keys SET destroyed_at = NULL, wrapped = 'x', wrapped_by = 1 WHERE destroyed_at IS NOT NULL",
        "UPDATE data_keys SET month = '2020-01-01' WHERE destroyed_at IS NULL",
    ] {
        let refused = conn.batch_execute(sql).unwrap_err().to_string();
        assert!(refused.contains("wrapped anew or destroyed, nothing else"), "{refused}");
    }
    let lasting =
        "UPDATE data_keys SET destroyed_at = made_at, wrapped = NULL, wrapped_by = NULL WHERE class = 'lasting'";
    assert!(conn.batch_execute(lasting).unwrap_err().to_string().contains("data_keys_lasting_check"));
}

fn motcua_with(app: &TestApp, masters: &str, args: &[&str]) -> Ran {
    let mut program = program(&app.db, app.dir.path());
    let index = "aW5kZXgga2V5IG9mIHRlc3RzLCAzMiBieXRlcyBvZiBpdA==";
    let program = program.env("MOTCUA__SECRETS__SEALING_KEYS", masters).env("MOTCUA__SECRETS__INDEX_KEY", index);
    ran(&program.args(args).output().unwrap())
}

#[actix_web::test]
async fn another_master_key_wraps_the_data_keys_and_the_old_one_can_go() {
    let office = Office::at("2026-10-05 09:00").await;
    let app = &office.app;
    let code = office.received(TEN_DAYS).await["code"].as_str().unwrap().to_owned();
    let (first, second) =
        ("c2VhbGluZyBrZXkgb2YgdGVzdHMsIDMyIGJ5dGVzISE=", "YW5vdGhlciBzZWFsaW5nIGtleSwgMzIgYnl0ZXMgISE=");
    let both = format!(r#"{{1="{first}",2="{second}"}}"#);
    let done = motcua_with(app, &both, &["data-keys", "rewrap"]).succeeds();
    assert!(done.out.contains("all are wrapped by master key 2"), "{done:?}");
    let listed = motcua_with(app, &both, &["data-keys", "list"]).succeeds();
    assert!(listed.out.contains("2026-10  dossiers: wrapped by master key 2"), "{listed:?}");
    assert!(!listed.out.contains("master key 1"), "{listed:?}");
    let new = TestApp::on_same_with(app, |config| {
        config.secrets.sealing_keys.clear();
        config.secrets.sealing_keys.insert("2".to_owned(), second.to_owned().into());
    });
    let shown = new.get(&format!("/dossiers/{code}"), &office.clerk).await.expect(200).body;
    assert_eq!(shown["applicant"]["phone"], "+84905123456");
    // Who has the old one alone sees nothing of what the new one wraps.
    let old = another(app);
    old.keep_keys().await.unwrap();
    assert!(old.vault.ring().get(keys_of_people(app)[0]).is_none());
    let told: Vec<(String, serde_json::Value)> = audit_entries::table
        .filter(audit_entries::action.eq("data_keys_wrapped"))
        .select((audit_entries::subject, audit_entries::details))
        .load(&mut app.db.connect())
        .unwrap();
    assert_eq!((told.len(), &*told[0].0, &told[0].1["master"]), (1, "data_keys", &serde_json::json!(2)));
    // Nothing is left to wrap.
    let done = motcua_with(app, &both, &["data-keys", "rewrap"]).succeeds();
    assert!(done.out.starts_with("0 data keys"), "{done:?}");
}

#[test]
fn a_data_key_opens_what_it_sealed_in_its_place_and_nothing_else() {
    let app = TestApp::over(Holds::TheProvince, "2026-10-05 09:00", |_| {});
    let classes = [KeyClass::Dossiers, KeyClass::Notices, KeyClass::Answers];
    let moment = (0_i64..72, 0_i64..2_678_400, 0..classes.len());
    let wanted = (moment.clone(), moment, "\\PC{0,40}", "[a-z ]{1,12}", "[a-z ]{1,12}");
    proptest!(ProptestConfig::with_cases(48), |((one, other, text, place, elsewhere) in wanted)| {
        let key = |(month, seconds, class): (i64, i64, usize)| {
            let at = at("2026-01-01 00:00") + TimeDelta::days(30 * month) + TimeDelta::seconds(seconds);
            app.state.have_keys_here(at).unwrap();
            app.state.vault.data_key(at, &classes[class]).unwrap()
        };
        let (one, other) = (key(one), key(other));
        let sealed = one.seal(&place, &text).unwrap();
        let vault = &app.state.vault;
        prop_assert_eq!(vault.open(one.number(), &place, &sealed).unwrap(), text);
        prop_assert_eq!(vault.open(other.number(), &place, &sealed).is_ok(), one.number() == other.number());
        prop_assert_eq!(vault.open(one.number(), &elsewhere, &sealed).is_ok(), place == elsewhere);
        prop_assert!(vault.open(vault.key_id(), &place, &sealed).is_err());
    });
}

#[actix_web::test]
async fn what_must_outlive_every_schedule_has_a_key_that_lasts() {
    let app = TestApp::over(Holds::TheProvince, "2026-10-05 09:00", |_| {});
    app.state.keep_keys().await.unwrap();
    let key = app.state.vault.lasting_key().unwrap();
    let sealed = (key.number(), key.seal("place", TEXT).unwrap());
    app.set("2046-10-05 09:00");
    app.state.keep_keys().await.unwrap();
    assert_eq!(app.state.vault.lasting_key().unwrap().number(), sealed.0);
    assert_eq!(opens(&another(&app), &sealed).await.unwrap(), TEXT);
}

/// Waits until a session of this database waits for a lock of another.
fn until_somebody_waits(conn: &mut PgConnection) {
    let waiting =
        "(SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')";
    let count = || diesel::select(diesel::dsl::sql::<diesel::sql_types::BigInt>(waiting));
    while count().get_result::<i64>(conn).unwrap() == 0 {
        std::thread::yield_now();
    }
}

#[test]
fn two_processes_that_make_the_keys_of_two_months_at_once_do_not_hold_each_other_up() {
    let app = TestApp::over(Holds::Nothing, "2026-10-05 09:00", |_| {});
    let mut conn = app.db.connect();
    std::thread::scope(|both| {
        let november = || app.state.have_keys_here(at("2026-11-05 09:00"));
        let made = conn.transaction(|conn| {
            conn.batch_execute("UPDATE data_keys_version SET version = version")?;
            let other = both.spawn(november);
            until_somebody_waits(&mut app.db.connect());
            let (december, now) = ("2026-12-01".parse().unwrap(), app.state.clock.now());
            platform::data_keys::make(conn, &app.state.vault, december, now).unwrap();
            diesel::QueryResult::Ok(other)
        });
        made.unwrap().join().unwrap().unwrap();
    });
    let months: Vec<NaiveDate> = data_keys::table
        .select(data_keys::month)
        .distinct()
        .order(data_keys::month)
        .load(&mut app.db.connect())
        .unwrap();
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    assert_eq!(months, [day("1970-01-01"), day("2026-11-01"), day("2026-12-01")]);
}
