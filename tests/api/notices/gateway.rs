//! A real HTTP gateway on loopback that does as it is told, and keeps a journal of what it took.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, mpsc};

/// What it does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Takes the message; a repeated id once, if it knows them.
    Takes,
    /// Takes the message and answers only when the gate is opened.
    TakesAndWaits,
    /// Takes the message and closes the connection without a word.
    TakesAndDrops,
    /// Takes the message and says something that makes no sense.
    TakesAndMumbles,
    /// Answers with this status, header line and body; takes nothing.
    Says(u16, &'static str, &'static str),
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub line: String,
    pub headers: String,
    pub body: String,
}

#[derive(Default)]
struct Journal {
    asked: Vec<Asked>,
    taken: Vec<String>,
    repeated: usize,
    script: VecDeque<Does>,
    open: bool,
}

/// The gateway.
pub struct SmsServer {
    pub url: String,
    journal: Arc<(Mutex<Journal>, Condvar)>,
    arrived: Mutex<mpsc::Receiver<()>>,
}

impl SmsServer {
    /// Starts one that takes everything.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let journal: Arc<(Mutex<Journal>, Condvar)> = Arc::default();
        let (sender, arrived) = mpsc::channel();
        let shared = Arc::clone(&journal);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (shared, sender) = (Arc::clone(&shared), sender.clone());
                std::thread::spawn(move || serve(stream, &shared, &sender));
            }
        });
        Self { url, journal, arrived: Mutex::new(arrived) }
    }

    /// What it does with the next requests; then it takes again.
    pub fn next(&self, script: impl IntoIterator<Item = Does>) {
        self.journal.0.lock().unwrap().script.extend(script);
    }

    /// Waits until this many more requests have arrived.
    pub fn wait_for(&self, count: usize) {
        let arrived = self.arrived.lock().unwrap();
        for _ in 0..count {
            arrived.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
        }
    }

    /// Lets the waiting answers go.
    pub fn open_the_gate(&self) {
        self.journal.0.lock().unwrap().open = true;
        self.journal.1.notify_all();
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.journal.0.lock().unwrap().asked.clone()
    }

    /// The ids of the messages that went on to a phone, each as often as it did.
    pub fn taken(&self) -> Vec<String> {
        let mut taken = self.journal.0.lock().unwrap().taken.clone();
        taken.sort();
        taken
    }

    pub fn repeated(&self) -> usize {
        self.journal.0.lock().unwrap().repeated
    }
}

fn serve(stream: TcpStream, shared: &(Mutex<Journal>, Condvar), arrived: &mpsc::Sender<()>) {
    let Some(asked) = read(&stream) else { return };
    let id = id_of(&asked);
    let is_known = asked.headers.to_ascii_lowercase().contains("x-knows-ids: yes");
    let mut journal = shared.0.lock().unwrap();
    journal.asked.push(asked);
    let does = journal.script.pop_front().unwrap_or(Does::Takes);
    if !matches!(does, Does::Says(..)) {
        if is_known && journal.taken.contains(&id) {
            journal.repeated += 1;
        } else {
            journal.taken.push(id);
        }
    }
    drop(journal);
    let _gone = arrived.send(()).is_err();
    let (status, header, body) = match does {
        Does::Takes => (200, "", "{\"code\":\"100\",\"sms\":{\"id\":4711}}"),
        Does::TakesAndWaits => {
            let journal = shared.0.lock().unwrap();
            let _opened = shared.1.wait_while(journal, |journal| !journal.open).unwrap();
            (200, "", "{\"code\":\"100\",\"sms\":{\"id\":4711}}")
        }
        Does::TakesAndDrops => return,
        Does::TakesAndMumbles => (200, "", "<html>hello"),
        Does::Says(status, header, body) => (status, header, body),
    };
    let answer =
        format!("HTTP/1.1 {status} X\r\nConnection: close\r\n{header}Content-Length: {}\r\n\r\n{body}", body.len());
    let _cut = (&stream).write_all(answer.as_bytes()).is_err();
}

/// Reads a request; a client that died before it had said everything has asked for nothing.
pub fn read(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let line = read_line(&mut reader)?;
    let mut headers = String::new();
    loop {
        let header = read_line(&mut reader)?;
        if header.trim().is_empty() {
            break;
        }
        headers.push_str(&header);
    }
    let length = headers
        .to_ascii_lowercase()
        .lines()
        .find_map(|header| header.strip_prefix("content-length: ")?.trim().parse().ok())
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line: line.trim().to_owned(), headers, body: String::from_utf8_lossy(&body).into_owned() })
}

fn read_line(reader: &mut BufReader<&TcpStream>) -> Option<String> {
    let mut line = String::new();
    let read = reader.read_line(&mut line).ok()?;
    (read > 0).then_some(line)
}

/// The id stands in every request as `id=…` or `"id":"…"`.
fn id_of(asked: &Asked) -> String {
    let all = format!("{} {}", asked.line, asked.body);
    let after = all.split_once("id=").or_else(|| all.split_once("\"id\":\""));
    after.map_or(String::new(), |(_, rest)| rest.chars().take(36).collect())
}
