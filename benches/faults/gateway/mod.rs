//! The gateway: an HTTP server on loopback with a journal. It can be away, slow, clumsy, busy, or not know us.

pub mod journal;
pub mod manners;
pub mod receipts;
mod serve;

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::net::TcpListener;
use tokio::task::{JoinHandle, JoinSet};

use journal::Journal;
use manners::Manners;
use receipts::Receipts;

/// The gateway; it goes away when this is dropped.
pub struct Gateway {
    address: SocketAddr,
    shared: Arc<Shared>,
    listening: Option<JoinHandle<()>>,
}

/// What its connections share.
struct Shared {
    begun: Instant,
    journal: Mutex<Journal>,
    manners: RwLock<Manners>,
    /// The second that is under way, and how many it took in it.
    second: Mutex<(u64, u32)>,
    receipts: Option<Receipts>,
}

impl Gateway {
    /// Listens on a port of loopback; sends receipts where it is told how.
    pub async fn open(manners: Manners, receipts: Option<Receipts>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let shared = Shared {
            begun: Instant::now(),
            journal: Mutex::default(),
            manners: RwLock::new(manners),
            second: Mutex::default(),
            receipts,
        };
        let (address, shared) = (listener.local_addr()?, Arc::new(shared));
        let listening = Some(tokio::spawn(listen(listener, Arc::clone(&shared))));
        Ok(Self { address, shared, listening })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the time since it began.
    pub fn now(&self) -> Duration {
        self.shared.begun.elapsed()
    }

    /// Returns what it has seen.
    pub fn journal(&self) -> MutexGuard<'_, Journal> {
        self.shared.journal()
    }

    /// Changes how it behaves.
    pub fn behave(&self, change: impl FnOnce(&mut Manners)) {
        change(&mut self.shared.manners.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Goes away: connections are cut, and new ones refused.
    pub async fn go(&mut self) {
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // It ends by being aborted.
            listening.await.ok();
        }
    }

    /// Comes back at the same address.
    pub async fn come_back(&mut self) -> anyhow::Result<()> {
        let listener = TcpListener::bind(self.address).await?;
        self.listening = Some(tokio::spawn(listen(listener, Arc::clone(&self.shared))));
        Ok(())
    }

    /// Returns how its receipts went.
    pub fn receipts(&self) -> Option<&Receipts> {
        self.shared.receipts.as_ref()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

impl Shared {
    fn journal(&self) -> MutexGuard<'_, Journal> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manners(&self) -> Manners {
        *self.manners.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a request in; returns how many came before it in the same second.
    fn in_this_second(&self) -> u32 {
        let now = self.begun.elapsed().as_secs();
        let mut second = self.second.lock().unwrap_or_else(PoisonError::into_inner);
        if second.0 != now {
            *second = (now, 0);
        }
        second.1 += 1;
        second.1 - 1
    }
}

/// Whoever aborts this cuts all connections with it.
async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            taken = listener.accept() => {
                if let Ok((stream, _)) = taken {
                    connections.spawn(serve::serve(stream, Arc::clone(&shared)));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}
