//! How to look, resolved.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use ipnet::IpNet;
use outside::{ConnectRule, Families, Limits, ResolverChoice, Roots, Settings, SetupError, TrustAnchor};
use protocol::observed::Profile;

use super::connect::{rule_between, show_rule};
use super::resolver::parse_resolver;
use super::{Layers, Origin, Setting, parse_connect_rule, parse_helo, parse_seconds};
use crate::capsule::read_bounded;
use crate::cli::{LookArgs, ProfileWord};
use crate::exit::{ExitStatus, Stop};

/// The largest file of roots or trust anchors read: the system's set of roots is a quarter of it.
const FILE_LIMIT: u64 = 4 << 20;

/// How to look, resolved.
#[derive(Debug, Clone)]
pub(crate) struct Look {
    profile: Setting<ProfileWord>,
    resolver: Setting<String>,
    trust_anchor: Setting<String>,
    roots: Setting<String>,
    connect_to: Setting<Vec<ConnectRule>>,
    allow_target: Setting<Vec<IpNet>>,
    helo: Setting<String>,
    source_ip: Setting<Option<IpAddr>>,
    family: Setting<Families>,
    timeout: Setting<Duration>,
    vantage: Setting<String>,
}

impl Look {
    /// Resolves flags, environment and file.
    pub(crate) fn resolve(args: &LookArgs, layers: &Layers) -> anyhow::Result<Self> {
        if args.resolver.len() > 1 {
            return Err(Stop::usage("--resolver: one is enough here; several are for `mta-sts scan`"));
        }
        Self::resolve_first(args, layers)
    }

    /// The same with the first of several resolvers.
    pub(crate) fn resolve_first(args: &LookArgs, layers: &Layers) -> anyhow::Result<Self> {
        let text = |text: &str| Ok(text.to_owned());
        let family = match (args.ipv4, args.ipv6) {
            (true, _) => Some(Families::V4),
            (_, true) => Some(Families::V6),
            _ => None,
        };
        Ok(Self {
            profile: layers.pick("profile", args.profile, super::parse_word, || ProfileWord::Full)?,
            resolver: layers
                .pick("resolver", args.resolver.first().cloned(), text, || "system".to_owned())?,
            trust_anchor: layers.relative(
                layers.pick("trust-anchor", args.trust_anchor.clone(), text, || "iana".to_owned())?,
                &["iana", "off"],
            ),
            roots: layers.relative(
                layers.pick("roots", args.roots.clone(), text, || "webpki".to_owned())?,
                &["webpki", "system"],
            ),
            connect_to: layers.pick_list("connect-to", args.connect_to.clone(), parse_connect_rule)?,
            allow_target: layers.pick_list("allow-target", args.allow_target.clone(), parse_network)?,
            helo: layers.pick("helo", args.helo.clone(), parse_helo, host_name)?,
            source_ip: layers.pick("source-ip", args.source_ip.map(Some), parse_address, || None)?,
            family: layers.pick("family", family, parse_family, || Families::Both)?,
            timeout: layers.pick("timeout", args.timeout, parse_seconds, || Limits::default().total)?,
            vantage: layers.pick("vantage", args.vantage.clone(), text, || "local".to_owned())?,
        })
    }

    /// What the room that looks is told. Reads the files named, and looks up the host of an encrypted resolver.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        Ok(Settings {
            tool: crate::tool(),
            vantage: self.vantage.value.clone(),
            profile: match self.profile.value {
                ProfileWord::Basic => Profile::Basic,
                ProfileWord::Extended => Profile::Extended,
                ProfileWord::Full => Profile::Full,
            },
            resolver: parse_resolver(&self.resolver.value)
                .map_err(|why| wrong("resolver", &self.resolver.origin, &why))?,
            trust_anchor: match self.trust_anchor.value.as_str() {
                "iana" => TrustAnchor::Iana,
                "off" => TrustAnchor::Off,
                path => TrustAnchor::Text(read_text("trust-anchor", path, &self.trust_anchor.origin)?),
            },
            roots: match self.roots.value.as_str() {
                "webpki" => Roots::Webpki,
                "system" => Roots::System,
                path => Roots::Pem {
                    // As given, so that --show-commands can name it.
                    name: path.to_owned(),
                    text: read_text("roots", path, &self.roots.origin)?,
                },
            },
            connect_to: self.connect_to.value.clone(),
            allow_targets: self.allow_target.value.clone(),
            exclusion: outside::Exclusion::default(),
            helo: self.helo.value.clone(),
            source_ip: self.source_ip.value,
            families: self.family.value,
            limits: limits(self.timeout.value),
        })
    }

    /// Why no look can begin, by where the setting at fault comes from.
    pub(crate) fn cannot_begin(&self, error: SetupError) -> anyhow::Error {
        let (key, origin) = match &error {
            SetupError::NoSystemResolver(_) => {
                return Stop { status: ExitStatus::CouldNotCheck, message: error.to_string() }.into();
            }
            SetupError::ResolverUrl { .. } | SetupError::ResolverName(_) => {
                ("resolver", &self.resolver.origin)
            }
            SetupError::TrustAnchor(_) => ("trust-anchor", &self.trust_anchor.origin),
            SetupError::Roots { .. } => ("roots", &self.roots.origin),
            SetupError::Tls(_) => return error.into(),
        };
        wrong(key, origin, &error.to_string())
    }

    /// The same look, but into a running lab: its resolver, trust anchor, roots and addresses.
    pub(crate) fn in_lab(&self, lab: &lab::Lab, view: lab::View) -> anyhow::Result<Settings> {
        let word = |text: &str| Setting { value: text.to_owned(), origin: Origin::Default };
        let unread = Self {
            resolver: word("system"),
            trust_anchor: word("iana"),
            roots: word("webpki"),
            ..self.clone()
        };
        let mut settings = unread.settings()?;
        settings.resolver = ResolverChoice::Plain(lab.resolver(view));
        settings.trust_anchor = TrustAnchor::Text(lab.trust_anchor());
        settings.roots = Roots::Pem { name: "lab".to_owned(), text: lab.ca_pem() };
        settings.connect_to =
            lab.connect_map().into_iter().map(|(from, to)| rule_between(from, to)).collect();
        settings.allow_targets = lab.allowed().iter().filter_map(|network| network.parse().ok()).collect();
        Ok(settings)
    }

    /// Each setting as name, value in the form of the settings file, and origin.
    pub(crate) fn shown(&self) -> Vec<(&'static str, String, &Origin)> {
        let shown = |name: &str, texts: Vec<String>| match name {
            "connect-to" | "allow-target" => toml::Value::from(texts).to_string(),
            "timeout" => texts.concat(),
            _ => toml::Value::from(texts.concat()).to_string(),
        };
        self.texts().into_iter().map(|(name, texts, origin)| (name, shown(name, texts), origin)).collect()
    }

    /// Each setting as name, values as text, and origin.
    pub(crate) fn texts(&self) -> Vec<(&'static str, Vec<String>, &Origin)> {
        let one = |text: &str| vec![text.to_owned()];
        let family = match self.family.value {
            Families::Both => "both",
            Families::V4 => "4",
            Families::V6 => "6",
        };
        vec![
            ("profile", one(&word_of(self.profile.value)), &self.profile.origin),
            ("resolver", one(&self.resolver.value), &self.resolver.origin),
            ("trust-anchor", one(&self.trust_anchor.value), &self.trust_anchor.origin),
            ("roots", one(&self.roots.value), &self.roots.origin),
            ("connect-to", self.connect_to.value.iter().map(show_rule).collect(), &self.connect_to.origin),
            (
                "allow-target",
                self.allow_target.value.iter().map(ToString::to_string).collect(),
                &self.allow_target.origin,
            ),
            ("helo", one(&self.helo.value), &self.helo.origin),
            (
                "source-ip",
                self.source_ip.value.iter().map(ToString::to_string).collect(),
                &self.source_ip.origin,
            ),
            ("family", one(family), &self.family.origin),
            ("timeout", one(&self.timeout.value.as_secs_f64().to_string()), &self.timeout.origin),
            ("vantage", one(&self.vantage.value), &self.vantage.origin),
        ]
    }
}

/// The word of a value of the command line.
pub(crate) fn word_of(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|word| word.get_name().to_owned()).unwrap_or_default()
}

/// This machine's full name where it has one, else `localhost`.
pub(crate) fn host_name() -> String {
    ["/proc/sys/kernel/hostname", "/etc/hostname"]
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .map(|text| text.trim().to_owned())
        .find(|name| name.contains('.') && protocol::Domain::parse(name).is_ok())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// No single step may outlast the whole.
fn limits(total: Duration) -> Limits {
    let usual = Limits::default();
    Limits {
        total,
        dns: usual.dns.min(total),
        connect: usual.connect.min(total),
        handshake: usual.handshake.min(total),
        http: usual.http.min(total),
        smtp_reply: usual.smtp_reply.min(total),
        ..usual
    }
}

fn read_text(key: &str, path: &str, origin: &Origin) -> anyhow::Result<String> {
    let octets = read_bounded(Path::new(path), FILE_LIMIT)
        .map_err(|error| wrong(key, origin, &format!("{error:#}")))?;
    String::from_utf8(octets).map_err(|_| wrong(key, origin, &format!("{path} is no text")))
}

fn wrong(key: &str, origin: &Origin, why: &str) -> anyhow::Error {
    match origin {
        Origin::Flag | Origin::Kept | Origin::Default => Stop::usage(format!("--{key}: {why}")),
        other => Stop::configuration(format!("{key} ({other}): {why}")),
    }
}

fn parse_network(text: &str) -> Result<IpNet, String> {
    text.parse().map_err(|_| "a network is needed, such as 10.0.0.0/8".to_owned())
}

fn parse_address(text: &str) -> Result<Option<IpAddr>, String> {
    text.parse().map(Some).map_err(|_| "an address is needed".to_owned())
}

fn parse_family(text: &str) -> Result<Families, String> {
    match text {
        "both" => Ok(Families::Both),
        "4" => Ok(Families::V4),
        "6" => Ok(Families::V6),
        _ => Err("one of both, 4, 6".to_owned()),
    }
}
