//! What surrounds the `_mta-sts` record: wrong places and wildcards.

use std::hash::{BuildHasher, RandomState};

use protocol::observed::{Answer, Profile, RecordSurroundings, Tested, Txt};

use super::Survey;

impl Survey {
    pub(super) async fn surroundings(&self) -> RecordSurroundings {
        let domain = self.domain.as_str();
        // Rule 17: the apex, the policy host, and the spelling of old drafts.
        let names = [domain.to_owned(), format!("mta-sts.{domain}"), format!("_mta_sts.{domain}")];
        let [apex, host, draft] = &names;
        let beside = async {
            if self.settings.profile == Profile::Basic {
                let not_asked =
                    || Tested::NotTested(self.not_asked("wildcards and the authoritative servers"));
                return (not_asked(), Tested::NotTested(self.not_asked("the authoritative servers")));
            }
            tokio::join!(self.sibling(), self.servers())
        };
        let (apex, host, draft, (sibling, servers)) = tokio::join!(
            self.asker.ask_settled::<Txt>(apex),
            self.asker.ask_settled::<Txt>(host),
            self.asker.ask_settled::<Txt>(draft),
            beside,
        );
        RecordSurroundings { elsewhere: vec![apex, host, draft], sibling, servers }
    }

    /// TXT at a name beside `_mta-sts.` that nobody has: whatever answers there is a wildcard (rule 18).
    async fn sibling(&self) -> Tested<Answer<Txt>> {
        let label = RandomState::new().hash_one("a name that nobody has");
        Tested::Seen(self.asker.ask_settled(&format!("_{label:016x}.{}", self.domain.as_str())).await)
    }
}
