//! The TXT records at `_mta-sts.` of very many names: many questions in flight, nothing validated.
//!
//! Names come in batches and go out as batches of answers. One task holds all questions: each resolver has a few
//! sockets, on each of which thousands of questions may be open under ids that nobody can guess; what is not answered
//! in time is asked again, of the next resolver if there is one; what does not fit into a datagram, over TCP. A
//! resolver that falls silent is not believed about any name: its questions go elsewhere or wait.

mod answer;
mod desk;
mod flights;
mod lane;
mod pump;
mod question;
mod random;
mod settings;
mod stream;
mod swept;

pub use settings::{Batch, SweepError, SweepHealth, SweepSettings, SweptBatch};
pub use swept::{SweepFailure, Swept};

use std::net::SocketAddr;

use tokio::sync::{mpsc, watch};

use crate::{Clock, SetupError};

/// A sweep to be run once.
#[derive(Debug)]
pub struct Sweep {
    settings: SweepSettings,
    clock: Clock,
    health: watch::Sender<SweepHealth>,
}

impl Sweep {
    /// Gets ready to sweep; nothing is opened or sent yet.
    #[must_use]
    pub fn new(settings: SweepSettings, clock: Clock) -> Self {
        Self { settings, clock, health: watch::Sender::default() }
    }

    /// The resolvers of this system's configuration, for [`SweepSettings::resolvers`].
    ///
    /// # Errors
    /// [`SetupError::NoSystemResolver`] when it names none.
    pub fn system_resolvers() -> Result<Vec<SocketAddr>, SetupError> {
        crate::dns::system_resolvers()
    }

    /// How the sweep is doing, to be watched while it runs.
    #[must_use]
    pub fn health(&self) -> watch::Receiver<SweepHealth> {
        self.health.subscribe()
    }

    /// Asks for every name that comes, until `names` is closed and each is answered. A batch is given back when its
    /// last name is done, so not always in the order of the batches; its answers are in the order of its names. Takes
    /// no more batches than it can work on, and no more while nobody takes the answers. Ends at once when dropped.
    ///
    /// # Errors
    /// [`SweepError`]; never about a name. What was not given back is to be asked again.
    pub async fn run(
        self,
        names: mpsc::Receiver<Batch>,
        answers: mpsc::Sender<SweptBatch>,
    ) -> Result<(), SweepError> {
        let pump = pump::Pump::open(self.settings, self.clock.stopwatch(), self.health).await?;
        pump.run(names, answers).await
    }
}
