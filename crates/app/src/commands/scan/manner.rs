//! How a scan works: kept with it, so that it goes on as it began, wherever and by whomever.

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use lab::{Lab, View};
use outside::{ResolverChoice, Settings, SetupError, Sweep, SweepSettings};
use scan::Kept;

use crate::cli::ScanArgs;
use crate::exit::{ExitStatus, Stop};
use crate::settings::{Layers, Look, Origin, parse_resolver};

/// Questions open at the same time at each resolver, unless said otherwise.
const IN_FLIGHT: u32 = 256;
/// Surveys at the same time, unless said otherwise.
const SURVEYS: u32 = 32;
/// Seconds to wait for what does not answer, unless said otherwise.
const PATIENCE: u64 = 600;
/// What is of a machine and not of a scan: of a scan that machines share it is not kept, and each of them says its own.
const OF_MACHINE: [&str; 9] = [
    "allow-target",
    "connect-to",
    "family",
    "helo",
    "patience",
    "resolver",
    "roots",
    "source-ip",
    "trust-anchor",
];

/// How a scan works, resolved.
pub(super) struct Manner {
    look: Look,
    /// How the second stage looks.
    pub(super) settings: Settings,
    /// How the first stage asks.
    pub(super) sweep: SweepSettings,
    /// Surveys at the same time.
    pub(super) surveys: usize,
    /// How long to wait for what does not answer.
    pub(super) patience: Duration,
    /// What is not built in, by name and as flags take it.
    texts: Kept,
}

impl Manner {
    /// Resolves flags, what the scan keeps, environment and file; in a lab, to look into that.
    pub(super) fn resolve(args: &ScanArgs, layers: &Layers, lab: Option<&Lab>) -> anyhow::Result<Self> {
        let look = Look::resolve_first(&args.look, layers)?;
        let mut settings = match lab {
            Some(lab) => look.in_lab(lab, View::Now)?,
            None => look.settings()?,
        };
        let rate: Option<NonZeroU32> = args.pace.rate.or_else(|| kept(layers, "rate"));
        let in_flight = args.pace.in_flight.or_else(|| kept(layers, "in-flight"));
        let surveys = args.pace.surveys.or_else(|| kept(layers, "surveys"));
        let patience = args.pace.patience.or_else(|| kept(layers, "patience"));
        let contact: Option<String> = args.pace.contact.clone().or_else(|| kept(layers, "contact"));
        let resolvers = match args.look.resolver.as_slice() {
            [] => layers.kept("resolver"),
            named => named,
        };
        let mut texts: Kept = look
            .texts()
            .into_iter()
            // The profile is a thing of the plan.
            .filter(|(name, _, origin)| **origin != Origin::Default && *name != "profile")
            .map(|(name, texts, _)| {
                (name.to_owned(), texts.into_iter().map(|text| lasting(name, text)).collect())
            })
            .collect();
        if resolvers.len() > 1 {
            texts.insert("resolver".to_owned(), resolvers.to_vec());
        }
        let paces = [
            ("rate", rate.map(|rate| rate.to_string())),
            ("in-flight", in_flight.map(|count| count.to_string())),
            ("surveys", surveys.map(|count| count.to_string())),
            ("patience", patience.map(|seconds| seconds.to_string())),
            ("contact", contact.clone()),
        ];
        texts.extend(paces.into_iter().filter_map(|(name, text)| Some((name.to_owned(), vec![text?]))));
        if let Some(contact) = contact {
            settings.tool = format!("{} (+{contact})", settings.tool);
        }
        let patience = Duration::from_secs(patience.unwrap_or(PATIENCE));
        let sweep = SweepSettings {
            resolvers: asked(if lab.is_some() { &[] } else { resolvers }, &settings)?,
            in_flight: in_flight.unwrap_or(IN_FLIGHT) as usize,
            rate,
            source_ip: settings.source_ip,
            patience: Some(patience),
            ..SweepSettings::default()
        };
        Ok(Self { look, settings, sweep, surveys: surveys.unwrap_or(SURVEYS) as usize, patience, texts })
    }

    /// What is kept with the scan.
    pub(super) fn kept(&self, is_shared: bool) -> Kept {
        let of_scan = |name: &String| !is_shared || !OF_MACHINE.contains(&name.as_str());
        self.texts.iter().filter(|(name, _)| of_scan(name)).map(|(n, t)| (n.clone(), t.clone())).collect()
    }

    /// What this machine has to be told again to go on with a scan that it shares with others, as flags.
    pub(super) fn of_machine(&self) -> Vec<String> {
        let of_machine = self.texts.iter().filter(|(name, _)| OF_MACHINE.contains(&name.as_str()));
        of_machine.flat_map(|(name, texts)| flags(name, texts)).collect()
    }

    /// Why no look can begin.
    pub(super) fn cannot_begin(&self, error: SetupError) -> anyhow::Error {
        self.look.cannot_begin(error)
    }
}

/// What is other than the scan keeps it, for people.
pub(super) fn changes(before: &Kept, now: &Kept) -> Vec<String> {
    let shown = |texts: &[String]| texts.join(", ");
    let changed = now.iter().filter(|(name, texts)| before.get(*name) != Some(*texts));
    changed
        .map(|(name, texts)| match before.get(name) {
            Some(old) => format!("{name}: {} from now on, {} until now", shown(texts), shown(old)),
            None => format!("{name}: {} from now on, and kept with the scan", shown(texts)),
        })
        .collect()
}

fn kept<T: FromStr>(layers: &Layers, key: &str) -> Option<T> {
    layers.kept(key).first()?.parse().ok()
}

/// A file's name that leads there from every directory.
fn lasting(name: &str, text: String) -> String {
    let is_file = match name {
        "roots" => !matches!(text.as_str(), "webpki" | "system"),
        "trust-anchor" => !matches!(text.as_str(), "iana" | "off"),
        _ => false,
    };
    if !is_file {
        return text;
    }
    std::path::absolute(Path::new(&text)).map_or(text, |path| path.display().to_string())
}

fn flags(name: &str, texts: &[String]) -> Vec<String> {
    match (name, texts) {
        ("family", [family]) if family != "both" => vec![format!("-{family}")],
        ("family", _) => Vec::new(),
        _ => texts.iter().flat_map(|text| [format!("--{name}"), text.clone()]).collect(),
    }
}

/// Who is asked in the first stage, by UDP: every resolver named, or the one of the second stage.
fn asked(named: &[String], settings: &Settings) -> anyhow::Result<Vec<SocketAddr>> {
    let plain = |choice: ResolverChoice| match choice {
        ResolverChoice::Plain(address) => Ok(vec![address]),
        ResolverChoice::System => Sweep::system_resolvers()
            .map_err(|error| Stop { status: ExitStatus::CouldNotCheck, message: error.to_string() }.into()),
        ResolverChoice::Tls(..) | ResolverChoice::Https(..) => Err(Stop::usage(
            "--resolver: the first stage of a scan asks by plain DNS; name the address of such a resolver",
        )),
    };
    if named.len() < 2 {
        return plain(settings.resolver.clone());
    }
    let mut resolvers = Vec::new();
    for text in named {
        let choice = parse_resolver(text).map_err(|why| Stop::usage(format!("--resolver: {why}")))?;
        resolvers.extend(plain(choice)?);
    }
    Ok(resolvers)
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::{Cli, Command};

    fn manner(words: &[&str], layers: &Layers) -> Manner {
        let cli = Cli::try_parse_from([&["mta-sts", "scan", "list"], words].concat()).expect("words");
        let Some(Command::Scan(args)) = cli.command else { panic!("another command") };
        Manner::resolve(&args, layers, None).expect("resolves")
    }

    #[test]
    fn what_is_said_once_holds_until_it_is_said_anew() {
        let first = [
            "--resolver",
            "192.0.2.1",
            "--resolver",
            "192.0.2.2",
            "--rate",
            "50",
            "--contact",
            "me@a.example",
            "-4",
        ];
        let first = manner(&first, &Layers::default());
        let layers = Layers::default().below(&first.kept(false));
        let again = manner(&[], &layers);
        assert_eq!((again.sweep.resolvers.len(), again.sweep.rate), (2, NonZeroU32::new(50)));
        assert!(again.settings.tool.ends_with("(+mailto:me@a.example)"), "{}", again.settings.tool);
        assert!(changes(&first.kept(false), &again.kept(false)).is_empty());
        let other = manner(&["--rate", "9", "--surveys", "4"], &layers);
        assert_eq!(
            changes(&first.kept(false), &other.kept(false)),
            ["rate: 9 from now on, 50 until now", "surveys: 4 from now on, and kept with the scan"]
        );
        // Of a shared scan each machine has its own ways out.
        let shared: Vec<String> = first.kept(true).into_keys().collect();
        assert_eq!(shared, ["contact", "rate"]);
        assert_eq!(first.of_machine(), ["-4", "--resolver", "192.0.2.1", "--resolver", "192.0.2.2"]);
    }
}
