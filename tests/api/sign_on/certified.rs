//! Node's `oidc-provider`, certified by the OpenID Foundation, as a process of its own.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::browser::BACK;
use super::given::{CLIENT, SECRET};

/// The provider; ended with the test.
pub struct Certified {
    pub issuer: String,
    child: Child,
}

impl Certified {
    /// Starts one that knows these users, each with further claims.
    pub fn start(users: &Value) -> Self {
        Self::with(users, false)
    }

    /// As [`Certified::start`]; says all claims in the ID token too.
    pub fn talkative(users: &Value) -> Self {
        Self::with(users, true)
    }

    fn with(users: &Value, claims_in_id_token: bool) -> Self {
        let modules = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("oidc/node_modules");
        assert!(modules.is_dir(), "run scripts/need-test-servers first");
        let client = json!({"client_id": CLIENT, "client_secret": SECRET, "redirect_uris": [BACK]});
        let settings = json!({"client": client, "users": users, "claimsInIdToken": claims_in_id_token});
        let mut child = Command::new("node")
            .arg(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/oidc/server.mjs"))
            .arg(modules)
            .arg(settings.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut issuer = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut issuer).unwrap();
        assert!(issuer.starts_with("http://"), "the provider did not start");
        Self { issuer: issuer.trim().to_owned(), child }
    }

    /// Gives it other keys.
    pub async fn rotate(&self, http: &reqwest::Client) {
        assert!(http.post(format!("{}/rotate", self.issuer)).send().await.unwrap().status().is_success());
    }
}

impl Drop for Certified {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
