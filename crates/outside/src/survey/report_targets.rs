//! Where TLSRPT reports are to go (RFC 8460 §3).
//!
//! Nothing asks the targets' domains for their consent: RFC 8460 has no such record, unlike RFC 7489 §7.1 (rule 111).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use futures_util::future::join_all;
use protocol::observed::{Answer, MxRecord, NotTestedReason, Reach, ReportTarget, TargetLook, Tested, Txt};
use protocol::tlsrpt::{self, Rua, RuaTarget};

use super::Survey;
use crate::certificate::judge;
use crate::net::{Connected, NoConnection};
use crate::tls::Offer;
use crate::watcher::Purpose;

/// Addresses of an `https:` target tried per family: one is enough to tell whether anything is there.
const REACHED_PER_FAMILY: usize = 1;

/// The targets of the one valid record; a broken record has none.
pub(super) fn distinct(answer: &Answer<Txt>) -> Vec<Rua> {
    let texts: Vec<Vec<u8>> = answer.records().iter().map(Txt::joined).collect();
    // RFC 8460 §3: exactly one record must be left, and it must fit the whole grammar (rules 102 to 106).
    let Ok(record) = tlsrpt::read_records(&texts) else { return Vec::new() };
    // RFC 8460 §3: reports may go to any of several targets; one that is named twice is looked at once (rule 110).
    let mut distinct: Vec<Rua> = Vec::new();
    for rua in record.rua {
        if !distinct.iter().any(|known| known.as_str() == rua.as_str()) {
            distinct.push(rua);
        }
    }
    distinct
}

/// The domains that reports go to by mail.
pub(super) fn mail_domains(targets: &[Rua]) -> impl Iterator<Item = String> {
    targets.iter().filter_map(|rua| match rua.target() {
        RuaTarget::Mailto { domain: Ok(domain), .. } => Some(domain.as_str().to_owned()),
        _ => None,
    })
}

impl Survey {
    /// Looks at each target.
    pub(super) async fn report_targets(&self, targets: &[Rua]) -> Vec<ReportTarget> {
        let bound = self.settings.limits.targets;
        join_all(targets.iter().enumerate().map(async |(index, rua)| ReportTarget {
            uri: rua.as_str().to_owned(),
            look: if index < bound {
                self.report_target(rua.target()).await
            } else {
                Tested::not(NotTestedReason::Limit, format!("only the first {bound} targets are looked at"))
            },
        }))
        .await
    }

    async fn report_target(&self, target: &RuaTarget) -> Tested<TargetLook> {
        match target {
            RuaTarget::Mailto { domain: Ok(domain), .. } => {
                // RFC 8460 §3, RFC 6068 §2, §5: the domain of the address, percent-decoded, must take mail, be it the
                // tested domain or another (rules 107, 108).
                let domain = domain.as_str().to_owned();
                let (mx, a, aaaa) = tokio::join!(
                    self.asker.ask_settled::<MxRecord>(&domain),
                    self.asker.ask_settled(&domain),
                    self.asker.ask_settled(&domain),
                );
                Tested::Seen(TargetLook::Mail { domain, mx, a, aaaa })
            }
            RuaTarget::Mailto { domain: Err(error), .. } => Tested::not(
                NotTestedReason::Dependency,
                format!("the address has no domain to look at: {error}"),
            ),
            RuaTarget::Https { host, port } => self.https_target(host, *port).await,
            _ => Tested::not(NotTestedReason::Dependency, "no report is ever sent by this scheme"),
        }
    }

    // RFC 8460 §3, RFC 9110 §4.2.2: the host must resolve and answer (rule 109).
    async fn https_target(&self, host: &str, port: u16) -> Tested<TargetLook> {
        if host.starts_with('[') || host.parse::<Ipv4Addr>().is_ok() {
            return Tested::not(NotTestedReason::NotAsked, "the host is an address, not a name");
        }
        let v4 = async {
            let heard = self.asker.ask::<Ipv4Addr>(host).await;
            let addresses: Vec<IpAddr> = heard.records().iter().copied().map(IpAddr::V4).collect();
            tokio::join!(heard.settle(&self.deadline), self.reach_all(host, &addresses, port))
        };
        let v6 = async {
            let heard = self.asker.ask::<Ipv6Addr>(host).await;
            let addresses: Vec<IpAddr> = heard.records().iter().copied().map(IpAddr::V6).collect();
            tokio::join!(heard.settle(&self.deadline), self.reach_all(host, &addresses, port))
        };
        let ((a, mut reach), (aaaa, v6_reach)) = tokio::join!(v4, v6);
        reach.extend(v6_reach);
        Tested::Seen(TargetLook::Https { host: host.to_owned(), a, aaaa, reach })
    }

    async fn reach_all(&self, host: &str, addresses: &[IpAddr], port: u16) -> Vec<(IpAddr, Tested<Reach>)> {
        let some = addresses.iter().take(REACHED_PER_FAMILY);
        join_all(some.map(async |address| (*address, self.reach(host, *address, port).await))).await
    }

    /// A handshake and no request: a POST would be a report.
    async fn reach(&self, host: &str, address: IpAddr, port: u16) -> Tested<Reach> {
        let Connected { stream, slot, .. } =
            match self.dialer.dial(Purpose::ReportTarget, host, address, port).await {
                Ok(connected) => connected,
                Err(NoConnection::NotTested(why)) => return Tested::NotTested(why),
                Err(NoConnection::Failed(failure, _)) => return Tested::Seen(Reach::Connect(failure)),
            };
        let offer = Offer { sni: Some(host), alpn: Some(b"http/1.1") };
        let limit = self.settings.limits.handshake;
        let result = self.handshake.run(stream, offer, &self.deadline, limit).await;
        drop(slot);
        match result {
            Ok(Ok((_, shown))) => Tested::Seen(Reach::Tls(judge(shown, host, &self.roots, &self.pool))),
            Ok(Err(failure)) => Tested::Seen(Reach::TlsFailed(failure)),
            Err(_) => Tested::NotTested(self.deadline.not_tested()),
        }
    }
}
