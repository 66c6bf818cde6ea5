//! The one signal to stop, which loops wait on instead of sleeping.

use std::time::Duration;

use tokio::sync::watch;

/// Says stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Hears it.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// Makes the two ends.
pub fn stop() -> (Stopper, Stop) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), Stop(receiver))
}

impl Stopper {
    /// Says stop to all who hear.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// Whether it was said.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until it is said, or the one who could say it is gone.
    pub async fn stopped(&mut self) {
        // An error means that the sender is gone: a stop too.
        let _gone = self.0.wait_for(|stopped| *stopped).await.is_err();
    }

    /// Waits for `pause`, less if stop is said; returns whether to go on.
    pub async fn pause(&mut self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.stopped()).await.is_err()
    }
}
