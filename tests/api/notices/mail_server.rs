//! A real SMTP server on loopback: aiosmtpd, Debian's `python3-aiosmtpd`.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Mutex;

use serde_json::Value;

const PROGRAM: &str = r#"
import asyncio, json, sys
from aiosmtpd.controller import Controller

class Handler:
    seen = {}
    async def handle_RCPT(self, server, session, envelope, address, options):
        who = address.split('@')[0]
        if who == 'gone':
            return '550 no such user'
        count = self.seen[address] = self.seen.get(address, 0) + 1
        if who == 'later' and count == 1:
            return '451 greylisted'
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        print(json.dumps({'to': envelope.rcpt_tos, 'content': envelope.content.decode('utf8', 'replace')}), flush=True)
        if envelope.rcpt_tos[0].startswith('cut') and self.seen[envelope.rcpt_tos[0]] == 1:
            server.transport.abort()
        return '250 taken'

controller = Controller(Handler(), hostname='127.0.0.1', port=int(sys.argv[1]))
controller.start()
print(json.dumps({'ready': True}), flush=True)
sys.stdin.read()
controller.stop()
"#;

/// The server; it ends with the test.
pub struct MailServer {
    pub port: u16,
    child: Child,
    lines: Mutex<BufReader<ChildStdout>>,
}

impl MailServer {
    /// Starts one. Mail to `gone@` is refused, to `later@` refused for now, and for `cut@` the connection is
    /// lost after the first message was taken.
    pub fn start() -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut child = Command::new("/usr/bin/python3")
            .args(["-c", PROGRAM, &port.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|err| panic!("python3 is needed: {err}"));
        let lines = Mutex::new(BufReader::new(child.stdout.take().unwrap()));
        let server = Self { port, child, lines };
        let ready = server.line().is_some_and(|line| line["ready"] == true);
        assert!(ready, "a mail server is needed: apt-get install python3-aiosmtpd");
        server
    }

    /// Waits for the next message.
    pub fn message(&self) -> String {
        self.line().unwrap()["content"].as_str().unwrap().to_owned()
    }

    fn line(&self) -> Option<Value> {
        let mut line = String::new();
        self.lines.lock().unwrap().read_line(&mut line).ok()?;
        serde_json::from_str(&line).ok()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok() && self.child.wait().is_ok();
    }
}
