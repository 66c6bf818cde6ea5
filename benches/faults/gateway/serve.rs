//! One connection of the gateway.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use uuid::Uuid;

use super::Shared;
use super::journal::{End, Request, Said};
use super::manners::{Fate, Manners, Mood};

/// What stands in a request.
#[derive(Debug, Default)]
struct Asked {
    is_question: bool,
    id: Uuid,
    to: u64,
}

/// Answers until the other side hangs up, or it drops the connection itself.
pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut wire = BufReader::new(stream);
    let mut line = String::new();
    loop {
        line.clear();
        if wire.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let asked = read(&line);
        while line != "\r\n" {
            line.clear();
            if wire.read_line(&mut line).await? == 0 {
                return Ok(());
            }
        }
        let Some(answer) = answer(&shared, &asked).await else { return Ok(()) };
        wire.get_mut().write_all(answer.as_bytes()).await?;
    }
}

/// Reads `GET /send?id=…&to=… HTTP/1.1`.
fn read(line: &str) -> Asked {
    let target = line.split_whitespace().nth(1).unwrap_or_default();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut asked = Asked { is_question: path == "/status", ..Asked::default() };
    for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        match name {
            "id" => asked.id = value.parse().unwrap_or_default(),
            "to" => asked.to = value.parse().unwrap_or_default(),
            _ => {}
        }
    }
    asked
}

/// What is written back; nothing where the connection is dropped.
async fn answer(shared: &Arc<Shared>, asked: &Asked) -> Option<String> {
    if asked.is_question {
        return Some(what_became(shared, asked.id));
    }
    let manners = shared.manners();
    let (said, reference) = note(shared, asked, &manners);
    let wait = if said == Said::TooLate { manners.late } else { manners.latency };
    tokio::time::sleep(wait).await;
    match said {
        Said::Taken | Said::TooLate => Some(json("200 OK", &format!(r#"{{"code":"100","id":"{reference}"}}"#))),
        Said::Repeated => Some(json("200 OK", &format!(r#"{{"code":"124","id":"{reference}"}}"#))),
        Said::Dropped => None,
        Said::Garbage => Some(json("200 OK", "<html><body>Xin lỗi, trang đang bảo trì</body></html>")),
        Said::Failed => Some(json("500 Internal Server Error", "")),
        Said::NotOurs => Some(json("401 Unauthorized", "")),
        Said::TooFast => Some(json(&format!("429 Too Many Requests\r\n{}", retry_after(&manners)), "")),
    }
}

/// Writes the request into the journal, and the message on its way; returns what is answered.
fn note(shared: &Arc<Shared>, asked: &Asked, manners: &Manners) -> (Said, u64) {
    let at = shared.begun.elapsed();
    let in_second = shared.in_this_second();
    let mut journal = shared.journal();
    let message = journal.message(asked.id, asked.to);
    message.asked += 1;
    let mut fate = manners.draw(asked.id, message.asked, in_second);
    if manners.knows_ids && message.sent > 0 && fate.is_sent {
        let said = if fate.said == Said::Taken { Said::Repeated } else { fate.said };
        fate = Fate { said, is_sent: false };
    }
    if fate.is_sent {
        message.sent += 1;
        message.sent_at = message.sent_at.or(Some(at));
        if let Some(receipts) = &shared.receipts {
            let plan = receipts.plan(asked.id, message.reference);
            message.end = Some(plan.end);
            receipts.send(plan, shared);
        }
    }
    let (reference, is_first) = (message.reference, fate.is_sent && message.sent == 1);
    journal.sent += usize::from(is_first);
    journal.requests.push(Request { at, id: asked.id, said: fate.said });
    (fate.said, reference)
}

fn what_became(shared: &Arc<Shared>, id: Uuid) -> String {
    let mut journal = shared.journal();
    journal.questions += 1;
    let message = journal.messages.get(&id).filter(|message| message.sent > 0);
    let code = match message.map(|message| message.end) {
        None => "unknown",
        Some(None) => "underway",
        Some(Some(End::Delivered)) => "delivered",
        Some(Some(End::Failed)) => "failed",
    };
    json("200 OK", &format!(r#"{{"code":"{code}"}}"#))
}

fn retry_after(manners: &Manners) -> String {
    match manners.mood {
        Mood::Busy { retry_after_s, .. } => format!("Retry-After: {retry_after_s}"),
        _ => "Retry-After: 1".to_owned(),
    }
}

fn json(status: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}
