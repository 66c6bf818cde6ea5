//! A citizen with a phone, and the SMS that reach it.

use chrono::TimeDelta;
use diesel::prelude::*;
use motcua::citizens::sending;
use motcua::notices::sending::{Gateway, Lane, drain};
use motcua::platform::secret::{new_token, token_hash};
use motcua::platform::stop::stop;
use motcua::schema::citizen_sessions;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::answer::Answer;
use crate::support::app::{TestApp, intake};
use crate::support::office::{DEPARTMENT, Office, TEN_DAYS};

impl Office {
    /// Receives a dossier whose applicant is as `change` says; returns its code.
    pub async fn received_of(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut form = intake(TEN_DAYS, DEPARTMENT);
        change(&mut form);
        self.app.post("/dossiers", &self.clerk, &form).await.expect(201).field("code")
    }
}

impl TestApp {
    /// Lets the holder of an ID number in, as a log-in at the provider does; returns the token.
    pub fn citizen_with(&self, id_number: &str) -> String {
        let (token, now) = (new_token("mcz_"), self.state.clock.now());
        diesel::insert_into(citizen_sessions::table)
            .values((
                citizen_sessions::id.eq(Uuid::now_v7()),
                citizen_sessions::token_hash.eq(token_hash(&token)),
                citizen_sessions::holder_hash.eq(self.state.vault.index("id_number", id_number)),
                citizen_sessions::created_at.eq(now),
                citizen_sessions::expires_at.eq(now + TimeDelta::hours(1)),
            ))
            .execute(&mut self.db.connect())
            .unwrap();
        token
    }

    /// Asks for a one-time code.
    pub async fn ask_for_code(&self, dossier: &str) -> Answer {
        self.send(self.http.post(self.url(&format!("/public/dossiers/{dossier}/one-time-codes")))).await
    }

    /// Shows six digits for a request.
    pub async fn show_code(&self, asked: &str, digits: &str) -> Answer {
        self.post(&format!("/public/one-time-codes/{asked}"), "", &json!({ "code": digits })).await
    }

    /// Does what the worker does: settles requests for codes, and sends.
    pub async fn work(&self) {
        sending::tick(self.state.clone()).await.unwrap();
        let (_stopper, stop) = stop();
        let gateways = Gateway::all(&self.state.config).unwrap();
        drain(&self.state, &Lane::all(&self.state, gateways), &stop).await.unwrap();
    }

    /// The one-time codes that went to phones so far: to whom, and the digits.
    pub fn codes_sent(&self) -> Vec<(String, String)> {
        let outbox = std::fs::read_dir(self.dir.path().join("outbox")).into_iter().flatten();
        let mut files: Vec<_> = outbox.map(|file| file.unwrap().path()).collect();
        files.sort();
        let texts = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect::<String>();
        let line = |line: &str| {
            let (before, after) = line.split_once("ma xac nhan ")?;
            let to = before.split(|c: char| !c.is_ascii_digit() && c != '+').find(|word| word.starts_with("+84"))?;
            Some((to.to_owned(), after.get(..6)?.to_owned()))
        };
        texts.lines().filter_map(line).collect()
    }

    /// Asks for a code, gets it by SMS and shows it; returns the token.
    pub async fn citizen_of(&self, dossier: &str) -> String {
        let asked = self.ask_for_code(dossier).await.expect(202).field("id");
        self.work().await;
        let (_, digits) = self.codes_sent().pop().unwrap();
        self.show_code(&asked, &digits).await.expect(200).field("token")
    }
}
