//! The routes of figures and of the public page over a database of their own, without the rest of the house.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::ServiceResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, HeaderName};
use actix_web::middleware::from_fn;
use actix_web::{App, test, web};
use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use motcua::config::Config;
use motcua::domain::notice::Templates;
use motcua::domain::role::{Actor, Role, Who};
use motcua::http::limit::Limits;
use motcua::http::locale::speak;
use motcua::platform::clock::Clock;
use motcua::platform::db::{Db, DbOptions};
use motcua::platform::secret::{Vault, new_token, token_hash};
use motcua::schema::{sessions, staff};
use motcua::state::{AppState, OfficeCache};
use motcua::{catalogue, exports, lookup, statistics};
use serde_json::Value;
use uuid::Uuid;

use super::db::{Holds, TestDb};

/// The routes with their state.
pub struct Bare {
    pub state: AppState,
    db: TestDb,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub fn header(&self, name: &str) -> &str {
        let name: HeaderName = name.parse().unwrap();
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }
}

/// What is asked.
#[derive(Debug, Clone, Default)]
pub struct Ask<'a> {
    pub path: &'a str,
    pub token: Option<&'a str>,
    pub from: Option<&'a str>,
    pub headers: Vec<(&'static str, String)>,
}

impl Bare {
    /// Makes a fresh database; the clock stands at `now`.
    pub fn at(now: DateTime<Utc>) -> Self {
        let database = TestDb::new(Holds::Nothing);
        let config = Config::defaults().unwrap();
        let vault = Vault::new(&BTreeMap::from([(1, vec![7; 32])]), b"an index key").unwrap();
        let (config, vault) = (Arc::new(config), Arc::new(vault));
        let db = Db::new(&DbOptions {
            url: database.url.clone(),
            read_url: None,
            connections: 4,
            patience: std::time::Duration::from_secs(10),
            statement_timeout: std::time::Duration::from_secs(30),
        });
        let office = OfficeCache::new(
            |conn| Ok((catalogue::load(conn)?, Templates::default())),
            catalogue::version,
            Arc::clone(&vault),
            Arc::clone(&config),
        );
        let state = AppState {
            db,
            clock: Clock::manual(now),
            vault,
            limits: Arc::new(Limits::new(&config.limits)),
            config,
            office,
        };
        Self { state, db: database }
    }

    pub fn conn(&self) -> PgConnection {
        self.db.connect()
    }

    /// Makes an account and a log-in; returns its token.
    pub fn signed(&self, role: Role, unit: Uuid) -> String {
        let (token, id, now) = (new_token("mcs_"), Uuid::now_v7(), self.state.clock.now());
        let mut conn = self.conn();
        diesel::insert_into(staff::table)
            .values((
                staff::id.eq(id),
                staff::username.eq(format!("u{}", id.simple())),
                staff::full_name.eq("Nguyễn Văn A"),
                staff::role.eq(role.as_str()),
                staff::unit_id.eq(unit),
                staff::password_hash.eq("-"),
                staff::created_at.eq(now),
            ))
            .execute(&mut conn)
            .unwrap();
        diesel::insert_into(sessions::table)
            .values((
                sessions::id.eq(Uuid::now_v7()),
                sessions::staff_id.eq(id),
                sessions::token_hash.eq(token_hash(&token)),
                sessions::created_at.eq(now),
                sessions::expires_at.eq(now + TimeDelta::days(3000)),
            ))
            .execute(&mut conn)
            .unwrap();
        token
    }

    pub async fn get(&self, path: &str, token: &str) -> Answer {
        self.ask(Ask { path, token: Some(token), ..Ask::default() }).await
    }

    pub async fn ask(&self, ask: Ask<'_>) -> Answer {
        let app = App::new().app_data(web::Data::new(self.state.clone())).wrap(from_fn(speak)).service(
            web::scope("/api/v1")
                .route("/statistics/units", web::get().to(statistics::routes::read_units))
                .route("/statistics/dossiers", web::get().to(statistics::routes::list_dossiers_behind))
                .route("/statistics/definitions", web::get().to(statistics::routes::read_definitions))
                .route("/reports/06", web::get().to(exports::routes::read_report_06))
                .route("/public/dossiers/{code}", web::get().to(lookup::routes::read_public_status)),
        );
        let app = test::init_service(app).await;
        let peer: SocketAddr = format!("{}:4000", ask.from.unwrap_or("203.0.113.1")).parse().unwrap();
        let mut request = test::TestRequest::get().uri(ask.path).peer_addr(peer);
        if let Some(token) = ask.token {
            request = request.insert_header(("Authorization", format!("Bearer {token}")));
        }
        for (name, value) in ask.headers {
            request = request.insert_header((name, value));
        }
        let response: ServiceResponse = test::call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = test::read_body(response).await.to_vec();
        Answer { status, headers, body }
    }
}

/// The service itself.
pub fn system(unit: Uuid) -> Actor {
    Actor {
        who: Who::System,
        name: "system".to_owned(),
        role: Role::Controller,
        unit: motcua::domain::ids::UnitId(unit),
    }
}
