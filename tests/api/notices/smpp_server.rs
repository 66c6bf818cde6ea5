//! A real SMS centre on loopback that speaks SMPP 3.4 and does as it is told.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What it does with a message.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Takes it under this number.
    Takes(&'static str),
    /// Refuses it by this status.
    Refuses(u32),
    /// Takes it and closes the link without a word.
    Drops,
}

/// A message as it came.
#[derive(Debug, Clone, Default)]
pub struct Submitted {
    pub source: String,
    pub destination: String,
    pub esm_class: u8,
    pub registered_delivery: u8,
    pub data_coding: u8,
    pub words: Vec<u8>,
    pub parameters: Vec<u8>,
}

#[derive(Default)]
struct State {
    bind_status: u32,
    is_deaf: bool,
    script: VecDeque<Does>,
    binds: Vec<Vec<u8>>,
    submitted: Vec<Submitted>,
    /// Answers to what it asked: operation and status.
    answered: Vec<(u32, u32)>,
    enquired: usize,
    ended: usize,
    link: Option<TcpStream>,
}

/// The centre.
pub struct SmsCentre {
    pub port: u16,
    shared: Arc<(Mutex<State>, Condvar)>,
}

impl SmsCentre {
    /// Starts one that takes everything.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared: Arc<(Mutex<State>, Condvar)> = Arc::default();
        let centre = Self { port, shared: Arc::clone(&shared) };
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || {
                    while serve(&stream, &shared).is_some() {}
                    shared.0.lock().unwrap().ended += 1;
                    shared.1.notify_all();
                });
            }
        });
        centre
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.0.lock().unwrap()
    }

    fn wait(&self, is_done: impl Fn(&State) -> bool) {
        let wait = self.shared.1.wait_timeout_while(self.state(), Duration::from_secs(20), |state| !is_done(state));
        assert!(!wait.unwrap().1.timed_out());
    }

    /// What it does with the next messages; then it takes again.
    pub fn next(&self, script: impl IntoIterator<Item = Does>) {
        self.state().script.extend(script);
    }

    /// Answers log-ins with this status from now on.
    pub fn binds_with(&self, status: u32) {
        self.state().bind_status = status;
    }

    /// Answers nobody who asks whether it is there.
    pub fn is_deaf(&self) {
        self.state().is_deaf = true;
    }

    /// The bodies of the log-ins.
    pub fn binds(&self) -> Vec<Vec<u8>> {
        self.state().binds.clone()
    }

    pub fn submitted(&self) -> Vec<Submitted> {
        self.state().submitted.clone()
    }

    /// Waits until it was asked whether it is there.
    pub fn wait_for_an_enquiry(&self) {
        self.wait(|state| state.enquired > 0);
    }

    /// Waits until a link has ended.
    pub fn wait_for_an_end(&self) {
        self.wait(|state| state.ended > 0);
    }

    /// Brings a receipt over the newest link; returns when it has arrived, whether or not it was answered.
    pub fn deliver(&self, words: &str) {
        let mut body = b"\0\x01\x0184905123456\0\x05\0TTPVHCC\0\x04\0\0\0\0\0\0\0\0".to_vec();
        body.push(u8::try_from(words.len()).unwrap());
        body.extend(words.as_bytes());
        let mut state = self.state();
        let before = state.answered.len();
        let mut link = state.link.take().unwrap();
        write(&mut link, (5, 0, 900), &body);
        // What comes after it is answered after it was taken.
        write(&mut link, (0x15, 0, 901), &[]);
        state.link = Some(link);
        drop(state);
        self.wait(|state| state.answered.iter().skip(before).any(|(id, _)| *id == 0x8000_0015));
    }

    /// The statuses with which receipts were answered.
    pub fn receipts_answered(&self) -> Vec<u32> {
        let is_receipt = |answer: &&(u32, u32)| answer.0 == 0x8000_0005;
        self.state().answered.iter().filter(is_receipt).map(|(_, status)| *status).collect()
    }

    /// Waits until so many receipts were answered.
    pub fn wait_for_answers(&self, count: usize) {
        self.wait(|state| state.answered.iter().filter(|(id, _)| *id == 0x8000_0005).count() >= count);
    }
}

fn serve(mut stream: &TcpStream, shared: &(Mutex<State>, Condvar)) -> Option<()> {
    let ([id, status, number], body) = read(&mut stream)?;
    let mut state = shared.0.lock().unwrap();
    match id {
        9 => {
            state.binds.push(body);
            state.link = Some(stream.try_clone().unwrap());
            write(&mut stream, (0x8000_0009, state.bind_status, number), b"CENTRE\0");
        }
        4 => {
            state.submitted.push(submitted(&body));
            match state.script.pop_front().unwrap_or(Does::Takes("1")) {
                Does::Takes(id) => write(&mut stream, (0x8000_0004, 0, number), format!("{id}\0").as_bytes()),
                Does::Refuses(status) => write(&mut stream, (0x8000_0004, status, number), &[]),
                Does::Drops => {
                    let _gone = stream.shutdown(std::net::Shutdown::Both).is_err();
                    return None;
                }
            }
        }
        0x15 => {
            state.enquired += 1;
            if !state.is_deaf {
                write(&mut stream, (0x8000_0015, 0, number), &[]);
            }
        }
        answer => state.answered.push((answer, status)),
    }
    drop(state);
    shared.1.notify_all();
    Some(())
}

fn read(stream: &mut &TcpStream) -> Option<([u32; 3], Vec<u8>)> {
    let mut header = [0; 16];
    stream.read_exact(&mut header).ok()?;
    let field = |at: usize| u32::from_be_bytes(header[at..at + 4].try_into().unwrap());
    let mut body = vec![0; usize::try_from(field(0)).unwrap() - 16];
    stream.read_exact(&mut body).ok()?;
    Some(([field(4), field(8), field(12)], body))
}

fn write(stream: &mut impl Write, (id, status, number): (u32, u32, u32), body: &[u8]) {
    let length = u32::try_from(16 + body.len()).unwrap();
    let header: Vec<u8> = [length, id, status, number].iter().flat_map(|field| field.to_be_bytes()).collect();
    let _gone = stream.write_all(&[&header[..], body].concat()).is_err();
}

fn submitted(body: &[u8]) -> Submitted {
    let mut rest = body;
    let mut take = |count: usize| {
        let (taken, left) = rest.split_at(count);
        rest = left;
        taken.to_vec()
    };
    let text = |take: &mut dyn FnMut(usize) -> Vec<u8>| {
        let mut text = Vec::new();
        loop {
            match take(1)[0] {
                0 => return String::from_utf8(text).unwrap(),
                byte => text.push(byte),
            }
        }
    };
    let mut read = Submitted::default();
    text(&mut take);
    take(2);
    read.source = text(&mut take);
    take(2);
    read.destination = text(&mut take);
    read.esm_class = take(1)[0];
    take(2);
    text(&mut take);
    text(&mut take);
    read.registered_delivery = take(1)[0];
    take(1);
    read.data_coding = take(1)[0];
    take(1);
    let length = take(1)[0];
    read.words = take(length.into());
    read.parameters = rest.to_vec();
    read
}
