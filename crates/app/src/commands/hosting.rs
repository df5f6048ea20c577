//! The hosted domains that a command works on.

use std::net::IpAddr;
use std::path::PathBuf;

use database::{Database, DatabaseError, DatabaseFault, Options, Place};
use host::domains::{By, Domains, DomainsError, HostedDomain, PolicyVersion, ServiceNames};
use outside::Clock;
use protocol::Domain;

use super::Context;
use crate::cli::{ByArgs, HostingArgs, HostingFormat, ShownArgs};
use crate::exit::{ExitStatus, Stop};
use crate::render::{HostedPage, hosted_human, hosted_json, write_json};
use crate::settings::{Layers, Origin};

/// The database when none is named.
const DATABASE: &str = "mta-sts.sqlite";

/// The hosted domains, open.
pub(crate) struct Hosting {
    /// The domains.
    pub(crate) domains: Domains,
    /// The same database, for other rooms.
    pub(crate) database: Database,
    /// Where it is, if it is a file.
    pub(crate) file: Option<PathBuf>,
    /// Where the service can be found.
    pub(crate) names: ServiceNames,
    /// The time of day.
    pub(crate) clock: Clock,
}

impl Hosting {
    /// Opens the database that the settings name. `create`: a SQLite file that is not there is made.
    pub(crate) async fn open(args: &HostingArgs, layers: &Layers, create: bool) -> anyhow::Result<Self> {
        let text = |text: &str| Ok(text.to_owned());
        let place = layers.pick("database", args.database.clone(), text, || DATABASE.to_owned())?;
        let is_url = place.value.starts_with("postgres://") || place.value.starts_with("postgresql://");
        let place = if is_url { place } else { layers.relative(place, &[]) };
        let wrong = |error: DatabaseError| match place.origin {
            Origin::Flag | Origin::Default => Stop::usage(format!("--database: {error}")),
            _ => Stop::configuration(format!("`database` ({}): {error}", place.origin)),
        };
        let names = names(args, layers)?;
        let read = Place::parse(&place.value).map_err(wrong)?;
        if let (Place::File(path), false) = (&read, create)
            && !path.exists()
        {
            return Err(Stop::usage(format!(
                "--database: there is no {} here; `mta-sts domain add` makes it, and --database names another one",
                crate::render::visible(&path.display().to_string())
            )));
        }
        let options = Options { create, ..Options::default() };
        let database = Database::open(&read, &options).await.map_err(of_database)?;
        let domains = Domains::open(database.clone()).await.map_err(of_domains)?;
        let file = match read {
            Place::File(path) => Some(path),
            Place::Server(_) => None,
        };
        Ok(Self { domains, database, file, names, clock: Clock::system() })
    }

    /// A domain's page: itself, the version that is served, and what its owner has to publish.
    pub(crate) async fn page(&self, hosted: HostedDomain) -> anyhow::Result<HostedPage> {
        let version = self.current(&hosted).await?;
        let records = self.names.wanted(&hosted, version.as_ref().map(|version| version.id.as_str()));
        let served = hosted.is_served(self.clock.now());
        Ok(HostedPage { hosted, version, records, served })
    }

    /// The version that is served.
    pub(crate) async fn current(&self, hosted: &HostedDomain) -> anyhow::Result<Option<PolicyVersion>> {
        match hosted.current {
            Some(number) => self.domains.version(&hosted.domain, number).await.map(Some).map_err(of_domains),
            None => Ok(None),
        }
    }

    /// A domain as it is now.
    pub(crate) async fn get(&self, domain: &Domain) -> anyhow::Result<HostedDomain> {
        self.domains.get(domain, None).await.map_err(of_domains)
    }

    /// Shows a domain's page.
    pub(crate) async fn show(
        &self,
        domain: &Domain,
        shown: &ShownArgs,
        context: &Context,
    ) -> anyhow::Result<ExitStatus> {
        let page = self.page(self.get(domain).await?).await?;
        let text = match shown.format.unwrap_or(HostingFormat::Human) {
            HostingFormat::Human => hosted_human(&page, context.printer.paint(None), context.printer.quiet),
            HostingFormat::Json => write_json(&hosted_json(&page), shown.json_pretty)? + "\n",
        };
        context.printer.put(None, &text)?;
        Ok(ExitStatus::Good)
    }
}

/// Where the service can be found.
pub(crate) fn names(args: &HostingArgs, layers: &Layers) -> anyhow::Result<ServiceNames> {
    let zone = |text: &str| Domain::parse(text).map(Some).map_err(|error| error.to_string());
    let address = |text: &str| text.parse::<IpAddr>().map_err(|_| "an address is needed".to_owned());
    Ok(ServiceNames {
        zone: layers.pick("service", args.service.clone().map(Some), zone, || None)?.value,
        addresses: layers.pick_list("address", args.address.clone(), address)?.value,
    })
}

/// Who changes something: as they say, else the user of this machine.
pub(crate) struct Author {
    name: String,
    reason: String,
}

impl Author {
    /// By the flags.
    pub(crate) fn of(args: &ByArgs) -> Self {
        let user = || ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
        Self {
            name: args.author.clone().or_else(user).unwrap_or_else(|| "unknown".to_owned()),
            reason: args.reason.clone().unwrap_or_default(),
        }
    }

    /// For the journal.
    pub(crate) fn by(&self) -> By<'_> {
        By { author: &self.name, reason: &self.reason }
    }
}

/// The exit status by whose reason it is.
pub(crate) fn of_domains(error: DomainsError) -> anyhow::Error {
    match error {
        DomainsError::Database(error) => of_database(error),
        DomainsError::Kept(_) | DomainsError::NoRandomness(_) | DomainsError::NoId(_) => {
            Stop { status: ExitStatus::CouldNotCheck, message: error.to_string() }.into()
        }
        other => Stop::usage(other.to_string()),
    }
}

fn of_database(error: DatabaseError) -> anyhow::Error {
    match error.fault() {
        DatabaseFault::Place => Stop::usage(format!("--database: {error}")),
        _ => Stop { status: ExitStatus::CouldNotCheck, message: error.to_string() }.into(),
    }
}
