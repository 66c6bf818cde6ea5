//! A kept connection to the API.

use std::net::SocketAddr;

use anyhow::Context;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// One kept connection, opened when it is needed.
pub struct Wire {
    address: SocketAddr,
    open: Option<BufReader<TcpStream>>,
}

/// An answer.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The body.
    pub body: Vec<u8>,
}

impl Wire {
    /// Makes one that is not opened yet.
    pub fn to(address: SocketAddr) -> Self {
        Self { address, open: None }
    }

    /// Asks; a connection that fails is opened anew for the next question.
    pub async fn ask(&mut self, request: &str) -> anyhow::Result<Answer> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                BufReader::new(stream)
            }
        };
        let answer = ask(&mut open, request).await?;
        self.open = Some(open);
        Ok(answer)
    }
}

async fn ask(open: &mut BufReader<TcpStream>, request: &str) -> anyhow::Result<Answer> {
    open.get_mut().write_all(request.as_bytes()).await?;
    let mut line = String::new();
    open.read_line(&mut line).await?;
    let status = line.split_whitespace().nth(1).context("no status line")?.parse()?;
    let mut length = 0;
    loop {
        line.clear();
        open.read_line(&mut line).await?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    let mut body = vec![0; length];
    open.read_exact(&mut body).await?;
    Ok(Answer { status, body })
}

/// A `GET` as its bytes.
pub fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: faults\r\n\r\n")
}

/// A `POST` of JSON as its bytes, with the token of who asks.
pub fn post(path: &str, token: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.1\r\nHost: faults\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}
