//! A program that runs beside a test, and what it says of itself.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

/// The program; it ends with the test.
pub struct Beside {
    child: Child,
    said: Mutex<mpsc::Receiver<String>>,
}

impl Beside {
    pub fn start(command: &mut Command) -> Self {
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            piped.spawn().unwrap_or_else(|err| panic!("{command:?}: {err}; scripts/need-test-servers installs it"));
        let (sender, said) = mpsc::channel();
        listen(child.stdout.take().unwrap(), sender.clone());
        listen(child.stderr.take().unwrap(), sender);
        Self { child, said: Mutex::new(said) }
    }

    /// Waits until it says this, and returns the line.
    pub fn says(&self, part: &str) -> String {
        let said = self.said.lock().unwrap();
        let mut before = Vec::new();
        loop {
            match said.recv_timeout(Duration::from_secs(20)) {
                Ok(line) if line.contains(part) => return line,
                Ok(line) => before.push(line),
                Err(_) => panic!("it never says `{part}` but {before:#?}"),
            }
        }
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        let _ended = self.child.kill().is_ok() && self.child.wait().is_ok();
    }
}

fn listen(pipe: impl Read + Send + 'static, sender: mpsc::Sender<String>) {
    std::thread::spawn(move || {
        let lines = BufReader::new(pipe).lines().map_while(Result::ok);
        // Nobody listening any more is no reason to let its pipe fill up.
        lines.for_each(|line| drop(sender.send(line)));
    });
}

/// Returns a port that nobody listens on.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
