//! A link to a centre: logged in, listened to, and given up when it is lost.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use secrecy::ExposeSecret;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::pdu::{Bind, Deliver, Pdu, id, status};
use super::receipt::{self, SmppReceipt};
use super::wire::{self, Wire};
use crate::config::{SmppConfig, SmppReceiptIds};

/// A link that is open until it is closed here or lost.
pub struct Link {
    writer: tokio::sync::Mutex<WriteHalf<Wire>>,
    waiting: Mutex<HashMap<u32, oneshot::Sender<Pdu>>>,
    next: AtomicU32,
    closed: watch::Sender<bool>,
    answered_within: Duration,
}

/// What became of a question.
pub enum Asked {
    /// It was answered.
    Answered(Pdu),
    /// It surely did not get there whole.
    NotWritten,
    /// Nobody knows, for this reason.
    Unknown(&'static str),
}

/// Why there is no link.
pub enum NoLink {
    /// Nobody is there.
    NotConnected,
    /// The log-in was refused, by this status.
    Refused(u32),
}

/// A receipt that came, to be answered when it is written down.
pub struct Delivered {
    /// What it says.
    pub receipt: SmppReceipt,
    number: u32,
    link: Weak<Link>,
}

impl Delivered {
    /// Tells the centre that it need not come again.
    pub async fn acknowledge(&self) {
        if let Some(link) = self.link.upgrade() {
            link.answer(id::DELIVER_SM, status::OK, self.number).await;
        }
    }
}

impl Link {
    /// Connects and logs in; receipts go to `receipts`.
    ///
    /// # Errors
    /// [`NoLink`].
    pub async fn open(
        config: &SmppConfig,
        answered_within: Duration,
        receipts: mpsc::Sender<Delivered>,
    ) -> Result<Arc<Self>, NoLink> {
        let connected = timeout(answered_within, wire::connect(config)).await;
        let Ok(Ok(wire)) = connected else {
            return Err(NoLink::NotConnected);
        };
        let (reader, writer) = tokio::io::split(wire);
        let link = Arc::new(Self {
            writer: tokio::sync::Mutex::new(writer),
            waiting: Mutex::default(),
            next: AtomicU32::new(1),
            closed: watch::Sender::new(false),
            answered_within,
        });
        drop(tokio::spawn(Arc::clone(&link).listen(reader, receipts, config.receipt_ids)));
        let bind = Bind {
            system_id: &config.system_id,
            password: config.password.expose_secret(),
            system_type: &config.system_type,
        };
        let bound = match link.ask(id::BIND_TRANSCEIVER, bind.body()).await {
            Asked::Answered(answer) if answer.status == status::OK => Ok(()),
            Asked::Answered(answer) => Err(NoLink::Refused(answer.status)),
            Asked::NotWritten | Asked::Unknown(_) => Err(NoLink::NotConnected),
        };
        if let Err(why) = bound {
            link.close();
            return Err(why);
        }
        drop(tokio::spawn(watch_over(Arc::downgrade(&link), Duration::from_secs(config.enquire_link_s))));
        Ok(link)
    }

    /// Whether it can be used.
    pub fn is_open(&self) -> bool {
        !*self.closed.borrow()
    }

    /// Gives it up: whoever waits for an answer gets none.
    pub fn close(&self) {
        self.closed.send_replace(true);
        self.waiting().clear();
    }

    fn waiting(&self) -> std::sync::MutexGuard<'_, HashMap<u32, oneshot::Sender<Pdu>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks, and waits for the answer as long as an answer may take.
    pub async fn ask(&self, id: u32, body: Vec<u8>) -> Asked {
        let number = self.next.fetch_add(1, Ordering::Relaxed) & 0x7fff_ffff;
        let (sender, answer) = oneshot::channel();
        self.waiting().insert(number, sender);
        let asked = match self.put(&Pdu { id, status: 0, number, body }).await {
            Put::Whole => match timeout(self.answered_within, answer).await {
                Ok(Ok(answer)) => return Asked::Answered(answer),
                Ok(Err(_)) => Asked::Unknown("link lost"),
                Err(_) => Asked::Unknown("no answer in time"),
            },
            Put::Not => Asked::NotWritten,
            Put::Perhaps => Asked::Unknown("link lost"),
        };
        self.waiting().remove(&number);
        asked
    }

    async fn answer(&self, id: u32, status: u32, number: u32) {
        // One that can't be given is asked for again by whoever asked.
        let _put = self.put(&Pdu { body: answer_body(id), ..Pdu::empty(id | id::ANSWER, status, number) }).await;
    }

    /// Writes whole operations one after another: what was begun and not ended makes the link useless.
    async fn put(&self, pdu: &Pdu) -> Put {
        let Some(octets) = pdu.write() else {
            return Put::Not;
        };
        let mut writer = self.writer.lock().await;
        if !self.is_open() {
            return Put::Not;
        }
        let put = timeout(self.answered_within, async {
            if writer.write_all(&octets).await.is_err() {
                return Put::Not;
            }
            if writer.flush().await.is_ok() { Put::Whole } else { Put::Perhaps }
        });
        let put = put.await.unwrap_or(Put::Perhaps);
        if !matches!(put, Put::Whole) {
            self.close();
        }
        put
    }

    async fn listen(
        self: Arc<Self>,
        mut reader: ReadHalf<Wire>,
        receipts: mpsc::Sender<Delivered>,
        ids: SmppReceiptIds,
    ) {
        let mut closed = self.closed.subscribe();
        loop {
            let read = tokio::select! {
                read = read(&mut reader) => read,
                _ = closed.wait_for(|closed| *closed) => None,
            };
            let Some(pdu) = read else { break };
            let is_over = pdu.id == id::UNBIND;
            self.take(pdu, &receipts, ids).await;
            if is_over {
                break;
            }
        }
        self.close();
        // Whoever still holds the link would keep the other end waiting.
        let _gone = self.writer.lock().await.shutdown().await.is_err();
    }

    /// Does what the centre asks, or gives an answer to who waits for it.
    async fn take(self: &Arc<Self>, pdu: Pdu, receipts: &mpsc::Sender<Delivered>, ids: SmppReceiptIds) {
        match pdu.id {
            id if id & id::ANSWER != 0 => {
                let waiting = self.waiting().remove(&pdu.number);
                // Whoever asked may have gone.
                let _gone = waiting.is_some_and(|sender| sender.send(pdu).is_err());
            }
            id::DELIVER_SM => {
                let deliver = Deliver::read(&pdu.body);
                let receipt = deliver.and_then(|deliver| receipt::read(&deliver, ids));
                let number = pdu.number;
                let Some(receipt) = receipt else {
                    return self.answer(id::DELIVER_SM, status::OK, number).await;
                };
                let delivered = Delivered { receipt, number, link: Arc::downgrade(self) };
                if receipts.try_send(delivered).is_err() {
                    self.answer(id::DELIVER_SM, status::QUEUE_FULL, number).await;
                }
            }
            id @ (id::ENQUIRE_LINK | id::UNBIND) => self.answer(id, status::OK, pdu.number).await,
            _ => self.answer(id::GENERIC_NACK, status::INVALID_COMMAND, pdu.number).await,
        }
    }
}

enum Put {
    Whole,
    Not,
    Perhaps,
}

/// The answer to a delivery has a number in its body, which is empty.
fn answer_body(id: u32) -> Vec<u8> {
    if id == id::DELIVER_SM { vec![0] } else { Vec::new() }
}

/// `None` when the link is lost, or says what makes no sense.
async fn read(reader: &mut ReadHalf<Wire>) -> Option<Pdu> {
    let mut length = [0; 4];
    reader.read_exact(&mut length).await.ok()?;
    let mut octets = vec![0; Pdu::rest(length)?];
    reader.read_exact(&mut octets).await.ok()?;
    Pdu::read(&octets)
}

/// Asks again and again whether the centre is there, and gives the link up when it does not answer.
async fn watch_over(link: Weak<Link>, every: Duration) {
    loop {
        tokio::time::sleep(every).await;
        let Some(link) = link.upgrade().filter(|link| link.is_open()) else { break };
        if !matches!(link.ask(id::ENQUIRE_LINK, Vec::new()).await, Asked::Answered(_)) {
            link.close();
        }
    }
}
