//! TXT records at a name of one's choice.

use protocol::observed::{Answer, Txt};

use super::Survey;

impl Survey {
    /// TXT at `label`, a dot and the domain; validated.
    pub(crate) async fn texts(self, label: &str) -> Answer<Txt> {
        let name = format!("{label}.{}", self.domain.as_str());
        self.asker.ask_settled(&name).await
    }
}
