//! An office with its four units, a database of its own, and the demo's accounts.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;

use actix_web::body::to_bytes;
use actix_web::http::header::HeaderMap;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, middleware, web};
use chrono::{DateTime, NaiveTime, TimeDelta, Utc, Weekday};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use motcua::approvals::Hands;
use motcua::config::Config;
use motcua::domain::calendar::Calendar;
use motcua::domain::catalogue::{Catalogue, CodeIs, Parts, Unit, UnitKind};
use motcua::domain::code::DossierCode;
use motcua::domain::ids::UnitId;
use motcua::domain::notice::Templates;
use motcua::domain::role::{Actor, Role};
use motcua::error::{AppError, Said};
use motcua::http::limit::Limits;
use motcua::http::locale;
use motcua::platform::clock::Clock;
use motcua::platform::db::{Db, DbOptions, Scope};
use motcua::platform::secret::Vault;
use motcua::schema::{unit_aliases, units};
use motcua::staff::KnownBearers;
use motcua::staff::demo::{DemoAccount, make_accounts};
use motcua::state::{Act, AppState, OfficeCache};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use tempfile::TempDir;
use uuid::Uuid;

use crate::support::db::{Holds, TestDb};

/// A running office.
pub struct House {
    pub state: AppState,
    pub clock: Clock,
    pub accounts: Vec<DemoAccount>,
    pub dir: TempDir,
    _db: TestDb,
    call: Box<dyn Fn(TestRequest) -> LocalBoxFuture<'static, Answer>>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Value,
}

impl Answer {
    pub fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or_default()
    }

    pub fn text(&self, field: &str) -> String {
        self.body[field].as_str().unwrap().to_owned()
    }

    /// The pointers of all field faults.
    pub fn pointers(&self) -> Vec<&str> {
        let faults = self.body["errors"].as_array().unwrap();
        faults.iter().map(|fault| fault["pointer"].as_str().unwrap()).collect()
    }
}

impl House {
    pub async fn open() -> Self {
        Self::with_log_ins_per_minute(10_000).await
    }

    pub async fn with_log_ins_per_minute(log_ins: u32) -> Self {
        let dir = TempDir::new().unwrap();
        let clock = Clock::manual("2026-11-20T02:00:00Z".parse().unwrap());
        let db = TestDb::new(Holds::Nothing);
        db.connect().batch_execute(UNITS).unwrap();
        let state = make_state(&db.url, clock.clone(), log_ins);
        let path = dir.path().join("demo-accounts.json");
        let accounts = make_accounts(&state, clock.now(), &path).unwrap();
        let app = App::new()
            .app_data(web::Data::new(state.clone()))
            .app_data(web::Data::new(KnownBearers::default()))
            .app_data(web::Data::new(Hands { void_dossier }))
            .wrap(middleware::from_fn(locale::speak))
            .configure(motcua::routes::configure);
        let service = Rc::new(init_service(app).await);
        let call = move |req: TestRequest| {
            let service = Rc::clone(&service);
            async move {
                let req = req.peer_addr("203.0.113.9:4000".parse().unwrap()).to_request();
                let response = actix_web::test::call_service(&*service, req).await;
                let status = response.status().as_u16();
                let headers = response.headers().clone();
                let bytes = to_bytes(response.into_body()).await.ok().unwrap();
                let body = serde_json::from_slice(&bytes).unwrap_or(Value::Null);
                Answer { status, headers, body }
            }
            .boxed_local()
        };
        Self { state, clock, accounts, dir, _db: db, call: Box::new(call) }
    }

    pub fn demo_file(&self) -> PathBuf {
        self.dir.path().join("demo-accounts.json")
    }

    pub fn password(&self, username: &str) -> String {
        let account = self.accounts.iter().find(|account| account.username == username);
        account.unwrap().password.expose_secret().to_owned()
    }

    /// Logs a demo account in and returns its token.
    pub async fn token(&self, username: &str) -> String {
        let answer = self.log_in(username, &self.password(username)).await;
        assert_eq!(answer.status, 201, "{:?}", answer.body);
        answer.text("token")
    }

    pub async fn log_in(&self, username: &str, password: &str) -> Answer {
        let body = json!({"username": username, "password": password});
        self.send(TestRequest::post().uri("/api/v1/sessions").set_json(body)).await
    }

    pub async fn get(&self, token: &str, path: &str) -> Answer {
        self.send(signed(TestRequest::get(), token, path)).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answer {
        self.send(signed(TestRequest::delete(), token, path)).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(signed(TestRequest::post(), token, path).set_json(body)).await
    }

    pub async fn put(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(signed(TestRequest::put(), token, path).set_json(body)).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answer {
        self.send(signed(TestRequest::patch(), token, path).set_json(body)).await
    }

    pub fn send(&self, req: TestRequest) -> LocalBoxFuture<'static, Answer> {
        (self.call)(req)
    }

    /// Makes an API key of a role in a unit.
    pub async fn key(&self, role: Role, unit_code: &str) -> (String, String) {
        let admin = self.token("admin").await;
        let body = json!({"name": "Quầy 1", "role": role, "unit_code": unit_code});
        let made = self.post(&admin, "/api/v1/api-keys", body).await;
        assert_eq!(made.status, 201, "{:?}", made.body);
        (made.text("key"), made.text("id"))
    }

    pub fn later(&self, by: TimeDelta) {
        self.clock.set(self.clock.now() + by);
    }

    /// Runs SQL behind the service's back, as another node would.
    pub fn sql(&self, sql: &str) {
        let done: Result<(), AppError> = self.state.db.tx_here(&Scope::system(), |conn| Ok(conn.batch_execute(sql)?));
        done.unwrap();
    }

    pub fn actor(&self, username: &str) -> Actor {
        use motcua::schema::staff;
        let found: Result<motcua::staff::Account, AppError> = self.state.db.read_here(&Scope::system(), |conn| {
            Ok(staff::table
                .filter(staff::username.eq(username))
                .select(motcua::staff::Account::as_select())
                .first(conn)?)
        });
        found.unwrap().actor()
    }

    /// How often a dossier was voided by [`void_dossier`].
    pub fn voided(&self) -> i64 {
        let count: Result<i64, AppError> =
            self.state.db.read_here(&Scope::system(), |conn| Ok(unit_aliases::table.count().get_result(conn)?));
        count.unwrap()
    }
}

pub fn signed(req: TestRequest, token: &str, path: &str) -> TestRequest {
    req.uri(path).insert_header(("Authorization", format!("Bearer {token}")))
}

/// Stands for voiding a dossier: writes one row, then fails where the reason says so.
fn void_dossier(conn: &mut PgConnection, act: &Act<'_>, code: &DossierCode, reason: &str) -> Result<(), AppError> {
    diesel::insert_into(unit_aliases::table)
        .values((unit_aliases::code.eq(format!("{code} {}", Uuid::now_v7())), unit_aliases::unit_id.eq(act.by.unit)))
        .execute(conn)?;
    match reason {
        "fails" => Err(AppError::Conflict(Said::new("forbidden_now", "", ""))),
        _ => Ok(()),
    }
}

fn make_state(url: &str, clock: Clock, log_ins: u32) -> AppState {
    let mut config = Config::defaults().unwrap();
    config.limits.sessions_per_minute = log_ins;
    let vault = Vault::new(&BTreeMap::from([(1, vec![7; 32])]), b"index").unwrap();
    let (config, vault) = (Arc::new(config), Arc::new(vault));
    let options = DbOptions {
        url: url.to_owned(),
        read_url: None,
        connections: 4,
        patience: config.database.patience(),
        statement_timeout: std::time::Duration::from_secs(10),
    };
    AppState {
        db: Db::new(&options),
        clock,
        vault: Arc::clone(&vault),
        limits: Arc::new(Limits::new(&config.limits)),
        office: OfficeCache::new(load, |_| Ok(1), vault, Arc::clone(&config)),
        config,
    }
}

fn load(conn: &mut PgConnection) -> Result<(Catalogue, Templates), AppError> {
    let rows: Vec<(UnitId, String, Option<UnitId>)> =
        units::table.select((units::id, units::code, units::parent_id)).load(conn)?;
    let time = |hour| NaiveTime::from_hms_opt(hour, 0, 0).unwrap();
    let calendar = Calendar::new(&[Weekday::Mon], vec![(time(7), time(15))], BTreeMap::new());
    let parts = Parts {
        version: 1,
        calendar_version: 1,
        calendar: calendar.unwrap(),
        units: rows.into_iter().map(unit).collect(),
        aliases: Vec::new(),
        fields: Vec::new(),
        procedures: Vec::new(),
        processes: Vec::new(),
    };
    Ok((Catalogue::new(parts), Templates::new(HashMap::new())))
}

fn unit((id, code, parent): (UnitId, String, Option<UnitId>)) -> Unit {
    Unit {
        id,
        name: format!("Cơ quan {code}"),
        code,
        kind: UnitKind::Department,
        parent,
        receives_at: id,
        hard_area: false,
        code_is: CodeIs::MadeUp,
        valid_from: DateTime::<Utc>::UNIX_EPOCH.date_naive(),
        valid_to: None,
    }
}

const UNITS: &str = "
    INSERT INTO units (id, code, name, kind, parent_id, receives_at_id, hard_area, code_is, valid_from)
    SELECT id, code, 'Cơ quan ' || code, 'department', parent_id, id, false, 'made_up', '2023-01-01'
    FROM (VALUES
        ('00000000-0000-7000-8000-000000000021'::uuid, 'H21', NULL::uuid),
        ('00000000-0000-7000-8000-000000002100', 'H21.00', '00000000-0000-7000-8000-000000000021'),
        ('00000000-0000-7000-8000-000000210001', 'H21.00.01', '00000000-0000-7000-8000-000000002100'),
        ('00000000-0000-7000-8000-000000002116', 'H21.16', '00000000-0000-7000-8000-000000000021')
    ) AS made (id, code, parent_id);
    INSERT INTO unit_tree (above_id, unit_id)
    SELECT above.id, below.id FROM units above JOIN units below
        ON below.code = above.code OR below.code LIKE above.code || '.%';";
