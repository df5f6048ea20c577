//! The table of presets. To mend it: change the row, its `verified` and its `source`; the tests below hold the rest.
//!
//! None of these names was asked for in the DNS when the table was written: the sources are providers' documentation
//! and published zones. That is why a preset only ever explains and widens what the domain's own live MX records say.

use super::preset::{Delegation, Family, Fits, Preset, Says};

/// The presets; the first whose families fit every MX host is used.
pub static PRESETS: &[Preset] = &[
    Preset {
        name: "google",
        provider: "Google Workspace",
        families: &[
            Family {
                name: "current",
                fits: Fits::Patterns(&["smtp.google.com"]),
                says: Says::Patterns(&["smtp.google.com"]),
                known: &["smtp.google.com"],
            },
            Family {
                name: "legacy",
                fits: Fits::Patterns(&["aspmx.l.google.com", "*.aspmx.l.google.com"]),
                says: Says::Patterns(&["aspmx.l.google.com", "*.aspmx.l.google.com"]),
                known: &[
                    "aspmx.l.google.com",
                    "alt1.aspmx.l.google.com",
                    "alt2.aspmx.l.google.com",
                    "alt3.aspmx.l.google.com",
                    "alt4.aspmx.l.google.com",
                ],
            },
            Family {
                name: "very old",
                fits: Fits::Patterns(&["*.googlemail.com"]),
                says: Says::Patterns(&["*.googlemail.com"]),
                known: &[
                    "aspmx2.googlemail.com",
                    "aspmx3.googlemail.com",
                    "aspmx4.googlemail.com",
                    "aspmx5.googlemail.com",
                ],
            },
        ],
        trap: "`*.google.com`, which is often advised, covers none of the older hosts: `*` is one label, and \
               aspmx.l.google.com has two in front of google.com.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "Google Workspace Admin Help on MX records, as quoted; the oldest names from published zones",
    },
    Preset {
        name: "microsoft-365",
        provider: "Microsoft 365",
        families: &[
            Family {
                name: "legacy",
                fits: Fits::Below(1, &["mail.protection.outlook.com"]),
                says: Says::Patterns(&["*.mail.protection.outlook.com"]),
                known: &["example-com.mail.protection.outlook.com"],
            },
            Family {
                name: "with DNSSEC",
                fits: Fits::Below(2, &["mx.microsoft"]),
                says: Says::FirstLabelOpen,
                known: &[
                    "example-com.h-v1.mx.microsoft",
                    "example-com.j-v1.mx.microsoft",
                    "example-com.p-v1.mx.microsoft",
                    "example-com.r-v1.mx.microsoft",
                ],
            },
        ],
        trap: "`*.mx.microsoft` covers no tenant's host, which has two labels in front of mx.microsoft. While you \
               move from mail.protection.outlook.com, the policy has to name both families before the MX records \
               change.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "Microsoft's documentation of inbound SMTP DANE with DNSSEC; the shards from published zones",
    },
    Preset {
        name: "proton",
        provider: "Proton Mail",
        families: &[Family {
            name: "current",
            fits: Fits::Patterns(&["mail.protonmail.ch", "mailsec.protonmail.ch"]),
            says: Says::Patterns(&["mail.protonmail.ch", "mailsec.protonmail.ch"]),
            known: &["mail.protonmail.ch", "mailsec.protonmail.ch"],
        }],
        trap: "Proton serves no policy for your domain: you host it yourself.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "published zones",
    },
    Preset {
        name: "zoho",
        provider: "Zoho Mail",
        families: &[Family {
            name: "regional",
            fits: Fits::Below(
                1,
                &[
                    "zoho.com",
                    "zoho.eu",
                    "zoho.in",
                    "zoho.com.au",
                    "zoho.com.cn",
                    "zoho.jp",
                    "zoho.sa",
                    "zohocloud.ca",
                ],
            ),
            says: Says::Hosts,
            known: &[
                "mx.zoho.com",
                "mx2.zoho.com",
                "mx3.zoho.com",
                "mx.zoho.eu",
                "mx2.zoho.eu",
                "mx3.zoho.eu",
                "mx.zoho.in",
                "mx.zoho.com.au",
                "mx.zoho.com.cn",
                "mx.zoho.jp",
                "mx.zoho.sa",
                "mx.zohocloud.ca",
                "mx2.zohocloud.ca",
                "mx3.zohocloud.ca",
            ],
        }],
        trap: "The names end in the region of your account; `*.zoho.com` fits one region only.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "guides of third parties and published zones",
    },
    Preset {
        name: "fastmail",
        provider: "Fastmail",
        families: &[Family {
            name: "current",
            fits: Fits::Patterns(&["in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"]),
            says: Says::Patterns(&["in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"]),
            known: &["in1-smtp.messagingengine.com", "in2-smtp.messagingengine.com"],
        }],
        trap: "The MX hosts are those of messagingengine.com, not of fastmail.com.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "published zones",
    },
    Preset {
        name: "icloud",
        provider: "iCloud Mail",
        families: &[Family {
            name: "custom domain",
            fits: Fits::Patterns(&["mx01.mail.icloud.com", "mx02.mail.icloud.com"]),
            says: Says::Patterns(&["mx01.mail.icloud.com", "mx02.mail.icloud.com"]),
            known: &["mx01.mail.icloud.com", "mx02.mail.icloud.com"],
        }],
        trap: "`*.icloud.com` covers neither host: both have two labels in front of icloud.com.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "published zones",
    },
    Preset {
        name: "cloudflare",
        provider: "Cloudflare Email Routing",
        families: &[Family {
            name: "current",
            fits: Fits::Patterns(&["*.mx.cloudflare.net"]),
            says: Says::Patterns(&["*.mx.cloudflare.net"]),
            known: &["route1.mx.cloudflare.net", "route2.mx.cloudflare.net", "route3.mx.cloudflare.net"],
        }],
        trap: "Both halves are needed: the record alone, as an alias of Cloudflare's, announces a policy that nobody \
               serves for your name.",
        delegation: Some(Delegation {
            record: "_mta-sts.mx.cloudflare.net",
            policy_host: "mta-sts.mx.cloudflare.net",
            how: "A Worker at your own mta-sts host hands on Cloudflare's policy; a CNAME alone has no certificate \
                  for your name. Whose id you announce, their policy you must serve: theirs and yours do not mix.",
        }),
        verified: Some("2026-11-22"),
        source: "Cloudflare's documentation of MTA-STS for Email Routing; the hosts from published zones",
    },
    Preset {
        name: "migadu",
        provider: "Migadu",
        families: &[Family {
            name: "current",
            fits: Fits::Below(1, &["migadu.com"]),
            says: Says::Hosts,
            known: &["aspmx1.migadu.com", "aspmx2.migadu.com"],
        }],
        trap: "Migadu's hosts and its web services share one domain: name the hosts rather than `*.migadu.com`.",
        delegation: None,
        verified: Some("2026-11-22"),
        source: "published zones",
    },
    Preset {
        name: "gateway",
        provider: "a mail gateway with names for each customer",
        families: &[
            gateway(
                "Proofpoint",
                &["pphosted.com", "ppe-hosted.com"],
                &[
                    "mxa-00123456.gslb.pphosted.com",
                    "mxb-00123456.gslb.pphosted.com",
                    "mx1-us1.ppe-hosted.com",
                ],
            ),
            gateway(
                "Mimecast",
                &["mimecast.com", "mimecast.co.za"],
                &["us-smtp-inbound-1.mimecast.com", "eu-smtp-inbound-2.mimecast.com"],
            ),
            gateway(
                "Barracuda",
                &["barracudanetworks.com"],
                &["d12345a.ess.barracudanetworks.com", "d12345b.ess.barracudanetworks.com"],
            ),
            gateway("Cisco", &["iphmx.com"], &["mx1.hc1234-56.iphmx.com"]),
            gateway("Tucows", &["hostedemail.com"], &["mx.example.com.cust.a.hostedemail.com"]),
        ],
        trap: "The names are deep and often your own: a wildcard of one label rarely fits them. Some show the right \
               certificate only to senders that name the host (SNI), which those that know MTA-STS do.",
        delegation: None,
        verified: None,
        source: "general knowledge of the gateways' naming, not confirmed",
    },
];

/// A gateway: the hosts themselves, exactly.
const fn gateway(
    name: &'static str,
    within: &'static [&'static str],
    known: &'static [&'static str],
) -> Family {
    Family { name, fits: Fits::Within(within), says: Says::Hosts, known }
}

#[cfg(test)]
mod tests {
    use protocol::MxPattern;

    use super::*;

    fn find(name: &str) -> &'static Preset {
        PRESETS.iter().find(|preset| preset.name == name).expect(name)
    }

    fn texts(patterns: &[MxPattern]) -> Vec<&str> {
        patterns.iter().map(MxPattern::as_str).collect()
    }

    #[test]
    fn every_known_name_is_covered_by_its_own_preset() {
        for preset in PRESETS {
            let all: Vec<&str> = preset.families.iter().flat_map(|family| family.known).copied().collect();
            assert!(preset.families.iter().all(|family| !family.known.is_empty()), "{}", preset.name);
            let together = preset.patterns(&all).expect(preset.name);
            for name in all {
                let alone = preset.patterns(&[name]).expect(name);
                for patterns in [&together, &alone] {
                    assert!(patterns.iter().any(|pattern| pattern.matches(name)), "{name}");
                }
                let first = PRESETS.iter().find(|preset| preset.patterns(&[name]).is_some());
                assert_eq!(first.map(|first| first.name), Some(preset.name), "{name}");
            }
        }
    }

    #[test]
    fn patterns_of_real_sets_of_hosts() {
        for (preset, hosts, patterns) in [
            ("google", &["smtp.google.com"][..], &["smtp.google.com"][..]),
            ("google", &["ASPMX.L.GOOGLE.COM."], &["aspmx.l.google.com", "*.aspmx.l.google.com"]),
            (
                "google",
                &["aspmx.l.google.com", "alt1.aspmx.l.google.com", "aspmx2.googlemail.com"],
                &["aspmx.l.google.com", "*.aspmx.l.google.com", "*.googlemail.com"],
            ),
            (
                "microsoft-365",
                &["t.h-v1.mx.microsoft", "t.mail.protection.outlook.com"],
                &["*.mail.protection.outlook.com", "*.h-v1.mx.microsoft"],
            ),
            ("zoho", &["mx.zoho.eu", "mx2.zoho.eu"], &["mx.zoho.eu", "mx2.zoho.eu"]),
            ("cloudflare", &["amir.mx.cloudflare.net"], &["*.mx.cloudflare.net"]),
            ("gateway", &["mx.e.cust.a.hostedemail.com"], &["mx.e.cust.a.hostedemail.com"]),
        ] {
            let found = find(preset).patterns(hosts).expect(preset);
            assert_eq!(texts(&found), patterns, "{hosts:?}");
        }
    }

    #[test]
    fn a_single_host_that_does_not_fit_leaves_no_preset() {
        for hosts in [
            &["smtp.google.com", "backup.example.com"][..],
            &["mx.microsoft"],
            &["t.mx.microsoft"],
            &["a.b.h-v1.mx.microsoft"],
            &["a.t.mail.protection.outlook.com"],
            &["mail.google.com"],
            &["notsmtp.google.com"],
            &["mx.zoho.com.example.com"],
            &["xmx.cloudflare.net"],
            &["pphosted.com"],
            &[],
        ] {
            assert!(PRESETS.iter().all(|preset| preset.patterns(hosts).is_none()), "{hosts:?}");
        }
    }

    #[test]
    fn popular_wildcards_do_not_cover_what_they_seem_to() {
        let legacy = find("google").families[1].known.iter().chain(find("google").families[2].known);
        let wide = MxPattern::parse("*.google.com").expect("a pattern");
        for host in legacy {
            assert!(!wide.matches(host), "{host}");
        }
        let wide = MxPattern::parse("*.mx.microsoft").expect("a pattern");
        assert!(find("microsoft-365").families[1].known.iter().all(|host| !wide.matches(host)));
        let wide = MxPattern::parse("*.zoho.com").expect("a pattern");
        assert!(!wide.matches("mx.zoho.eu"));
    }

    #[test]
    fn the_page_says_what_the_table_says() {
        let page = crate::explain("presets").expect("a page").body;
        for preset in PRESETS.iter().filter(|preset| preset.name != "gateway") {
            assert!(page.contains(preset.provider), "{}", preset.provider);
            for family in preset.families {
                if let Says::Patterns(patterns) = family.says {
                    assert!(
                        patterns.iter().all(|pattern| page.contains(&format!("`{pattern}`"))),
                        "{patterns:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn rows_are_dated_and_their_names_are_names() {
        let mut names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PRESETS.len());
        for preset in PRESETS {
            let is_day = |day: &str| day.parse::<jiff::civil::Date>().is_ok();
            assert!(preset.verified.is_none_or(is_day), "{}", preset.name);
            assert!(!preset.trap.is_empty() && !preset.source.is_empty(), "{}", preset.name);
            for family in preset.families {
                for name in family.known {
                    assert_eq!(protocol::Domain::parse(name).expect(name).as_str(), *name);
                }
            }
        }
    }
}
