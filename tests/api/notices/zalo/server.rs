//! A small server that plays Zalo by its documents: it takes messages by an access token that is good, and gives a pair of
//! tokens for a refresh token that was never shown before.

use std::collections::VecDeque;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::time::Duration;

use crate::notices::gateway::{Asked, read};

/// What it does when it is asked for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Waits for the gate, then gives.
    AfterTheGate,
    /// Never answers, and takes nothing.
    Nothing,
    /// Takes the refresh token and closes the connection without a word.
    TakesAndDrops,
}

#[derive(Default)]
struct Zalo {
    /// The one refresh token that is good.
    refresh: String,
    /// The one access token that is.
    access: String,
    pairs: usize,
    /// The refresh tokens that were shown.
    shown: Vec<String>,
    gives: VecDeque<Gives>,
    open: bool,
    messages: Vec<Asked>,
    /// What it says to the next messages, whose token is good.
    says: VecDeque<String>,
}

/// The server.
pub struct ZaloServer {
    pub url: String,
    zalo: Arc<(Mutex<Zalo>, Condvar)>,
    asked_for_tokens: Mutex<mpsc::Receiver<()>>,
}

impl ZaloServer {
    /// Starts one for which `refresh-1` is good.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let zalo: Arc<(Mutex<Zalo>, Condvar)> = Arc::default();
        zalo.0.lock().unwrap().refresh = "refresh-1".to_owned();
        let (sender, asked_for_tokens) = mpsc::channel();
        let shared = Arc::clone(&zalo);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (shared, sender) = (Arc::clone(&shared), sender.clone());
                std::thread::spawn(move || serve(stream, &shared, &sender));
            }
        });
        Self { url, zalo, asked_for_tokens: Mutex::new(asked_for_tokens) }
    }

    fn with<T>(&self, work: impl FnOnce(&mut Zalo) -> T) -> T {
        work(&mut self.zalo.0.lock().unwrap())
    }

    /// What it says to the next message.
    pub fn says(&self, error: &str) {
        self.with(|zalo| zalo.says.push_back(format!("{{\"error\":{error},\"message\":\"x\"}}")));
    }

    /// What it does when it is next asked for tokens.
    pub fn gives(&self, gives: Gives) {
        self.with(|zalo| zalo.gives.push_back(gives));
    }

    /// A person made a new refresh token at Zalo; the one of before is good no more.
    pub fn make_anew(&self, refresh: &str) {
        self.with(|zalo| zalo.refresh = refresh.to_owned());
    }

    /// Ends the access token before its time.
    pub fn end_the_token(&self) {
        self.with(|zalo| zalo.access = "none".to_owned());
    }

    /// Waits until somebody asks for tokens.
    pub fn is_asked_for_tokens(&self) {
        self.asked_for_tokens.lock().unwrap().recv_timeout(Duration::from_secs(20)).unwrap();
    }

    pub fn open_the_gate(&self) {
        self.with(|zalo| zalo.open = true);
        self.zalo.1.notify_all();
    }

    /// The refresh tokens that it was shown.
    pub fn shown(&self) -> Vec<String> {
        self.with(|zalo| zalo.shown.clone())
    }

    /// The messages that came, with whatever token.
    pub fn messages(&self) -> Vec<Asked> {
        self.with(|zalo| zalo.messages.clone())
    }
}

fn serve(stream: TcpStream, zalo: &(Mutex<Zalo>, Condvar), asked_for_tokens: &mpsc::Sender<()>) {
    let Some(asked) = read(&stream) else { return };
    let said = match asked.line.split(' ').nth(1) {
        Some("/v4/oa/access_token") => tokens(&asked, zalo, asked_for_tokens),
        Some("/message/template") => Some(message(asked, &mut zalo.0.lock().unwrap())),
        _ => Some("{\"error\":-404}".to_owned()),
    };
    let Some(body) = said else { return };
    let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let _cut = (&stream).write_all(answer.as_bytes()).is_err();
}

fn tokens(asked: &Asked, zalo: &(Mutex<Zalo>, Condvar), asked_for_tokens: &mpsc::Sender<()>) -> Option<String> {
    let field = |name: &str| {
        let pair = asked.body.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_default().to_owned()
    };
    let mut now = zalo.0.lock().unwrap();
    now.shown.push(field("refresh_token"));
    let gives = now.gives.pop_front();
    asked_for_tokens.send(()).unwrap();
    match gives {
        Some(Gives::Nothing) => {
            let _never = zalo.1.wait_while(now, |_| true).unwrap();
            return None;
        }
        Some(Gives::AfterTheGate) => now = zalo.1.wait_while(now, |now| !now.open).unwrap(),
        Some(Gives::TakesAndDrops) => {
            now.refresh = "lost".to_owned();
            return None;
        }
        None => {}
    }
    let is_the_app = asked.headers.contains("secret_key: key of the app\r\n") && field("app_id") == "4711";
    if !is_the_app || field("grant_type") != "refresh_token" || field("refresh_token") != now.refresh {
        return Some("{\"error\":-14014,\"error_name\":\"Invalid refresh token\"}".to_owned());
    }
    now.pairs += 1;
    (now.access, now.refresh) = (format!("access-{}", now.pairs), format!("refresh-{}", now.pairs + 1));
    let (access, refresh) = (&now.access, &now.refresh);
    Some(format!("{{\"access_token\":\"{access}\",\"refresh_token\":\"{refresh}\",\"expires_in\":\"90000\"}}"))
}

fn message(asked: Asked, zalo: &mut Zalo) -> String {
    let is_let_in = asked.headers.contains(&format!("access_token: {}\r\n", zalo.access));
    zalo.messages.push(asked);
    if !is_let_in {
        return "{\"error\":-124,\"message\":\"Access token invalid\"}".to_owned();
    }
    zalo.says.pop_front().unwrap_or_else(|| {
        let id = format!("a1b2c3{:02}", zalo.messages.len());
        let quota = "\"quota\":{\"dailyQuota\":\"500\",\"remainingQuota\":\"499\"}";
        format!("{{\"error\":0,\"message\":\"Success\",\"data\":{{\"msg_id\":\"{id}\",\"sent_time\":\"1\",{quota}}}}}")
    })
}
