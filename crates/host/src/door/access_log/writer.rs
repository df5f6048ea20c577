//! The thread that writes the access log.

use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError};

use jiff::Timestamp;
use serde::Serialize;

/// One visit.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from: Option<String>,
    pub(super) host: Box<str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) id: Option<Box<str>>,
    pub(super) status: u16,
    pub(super) method: Box<str>,
    pub(super) http: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) agent: Option<String>,
}

/// What the writer is told; whoever waits for it hears when it is done.
pub(super) enum Message {
    Line(Box<Line>),
    Flush(SyncSender<()>),
    Reopen(SyncSender<()>),
}

/// Opens the file and starts the thread, which ends with the last of those who send.
pub(super) fn start(path: PathBuf, messages: Receiver<Message>) -> io::Result<()> {
    let mut file = open(&path)?;
    let work = move || {
        let mut in_trouble = false;
        while let Some(message) = next(&mut file, &messages) {
            let outcome = match message {
                Message::Line(line) => write(&mut file, &line),
                Message::Flush(done) => file.flush().inspect(|()| drop(done)),
                Message::Reopen(done) => file.flush().and_then(|()| {
                    file = open(&path)?;
                    drop(done);
                    Ok(())
                }),
            };
            // Said once, until it works again.
            match outcome {
                Ok(()) => in_trouble = false,
                Err(error) if !in_trouble => {
                    tracing::warn!(path = %path.display(), %error, "the access log cannot be written; visits are lost");
                    in_trouble = true;
                }
                Err(_) => {}
            }
        }
        let _ = file.flush();
    };
    std::thread::Builder::new().name("access-log".to_owned()).spawn(work).map(drop)
}

/// The next message. Before it has to wait, what was written is handed to the system.
fn next(file: &mut BufWriter<File>, messages: &Receiver<Message>) -> Option<Message> {
    match messages.try_recv() {
        Ok(message) => Some(message),
        Err(TryRecvError::Disconnected) => None,
        Err(TryRecvError::Empty) => {
            // A failure shows again at the next line.
            let _ = file.flush();
            messages.recv().ok()
        }
    }
}

fn open(path: &Path) -> io::Result<BufWriter<File>> {
    Ok(BufWriter::new(OpenOptions::new().create(true).append(true).open(path)?))
}

fn write(file: &mut BufWriter<File>, line: &Line) -> io::Result<()> {
    serde_json::to_writer(&mut *file, line)?;
    file.write_all(b"\n")
}
