//! Files that messages are written to where no gateway is configured: one a day and channel, safe on disk
//! before a message counts as sent.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, Utc};

use crate::domain::period::office_date;

/// A folder of day files with one name and ending.
#[derive(Debug, Clone)]
pub struct Outbox {
    dir: PathBuf,
    name: &'static str,
    ending: &'static str,
    turn: Arc<Mutex<()>>,
}

impl Outbox {
    /// Names the files `<data>/outbox/<name>-YYYY-MM-DD.<ending>`; nothing is made yet.
    pub fn new(data: &Path, name: &'static str, ending: &'static str) -> Self {
        Self { dir: data.join("outbox"), name, ending, turn: Arc::default() }
    }

    /// Returns the file of the day.
    pub fn file(&self, now: DateTime<Utc>) -> PathBuf {
        let day = office_date(now).format("%Y-%m-%d");
        self.dir.join(format!("{}-{day}.{}", self.name, self.ending))
    }

    /// Appends whole entries and waits until the disk has them, on a thread that may wait.
    ///
    /// # Errors
    /// Whatever the disk says; then none, some or all of them may be there.
    pub async fn append(&self, now: DateTime<Utc>, entries: Vec<u8>) -> io::Result<()> {
        let outbox = self.clone();
        let task = tokio::task::spawn_blocking(move || outbox.append_here(now, &entries));
        task.await.unwrap_or_else(|panic| Err(io::Error::other(panic)))
    }

    fn append_here(&self, now: DateTime<Utc>, entries: &[u8]) -> io::Result<()> {
        let _turn = self.turn.lock().or(Err(io::Error::other("a writer died")))?;
        let mut file = self.open(now)?;
        close_cut_line(&mut file)?;
        file.write_all(entries)?;
        file.sync_data()
    }

    fn open(&self, now: DateTime<Utc>) -> io::Result<File> {
        std::fs::create_dir_all(&self.dir)?;
        // Phone numbers and addresses stand in it.
        OpenOptions::new().create(true).append(true).read(true).mode(0o600).open(self.file(now))
    }
}

/// A crash may have cut the last line: the next entry starts a line of its own.
pub(crate) fn close_cut_line(file: &mut File) -> io::Result<()> {
    if file.metadata()?.len() == 0 {
        return Ok(());
    }
    let mut last = [0; 1];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    if last == *b"\n" {
        return Ok(());
    }
    file.write_all(b"\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_a_crash_cut_spoils_no_other() {
        let dir = tempfile::tempdir().unwrap();
        let outbox = Outbox::new(dir.path(), "sms", "txt");
        let now = DateTime::UNIX_EPOCH;
        outbox.append_here(now, b"one\ntw").unwrap();
        outbox.append_here(now, b"three\n").unwrap();
        let text = std::fs::read_to_string(outbox.file(now)).unwrap();
        assert_eq!(text, "one\ntw\nthree\n");
        assert!(outbox.file(now).ends_with("outbox/sms-1970-01-01.txt"));
    }
}
