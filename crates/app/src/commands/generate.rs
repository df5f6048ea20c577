//! `mta-sts generate`.

use std::net::IpAddr;

use host::recipes::{RecipeRefused, ServerPath, ServerPathRefused, Wanted, recipe};
use jiff::Timestamp;
use judge::propose::{IdWish, Proposal, ProposalRefused, Target, Wish, propose};
use outside::Clock;
use protocol::Domain;
use protocol::observed::Evidence;
use protocol::sts::Mode;

use super::Context;
use super::progress::Progress;
use super::scenario::named;
use super::site::Site;
use crate::cli::{GenerateArgs, GenerateFormat, LookArgs, ModeWord, Part, ProfileWord, RecipeArgs};
use crate::exit::{ExitStatus, Stop};
use crate::generated::{Generated, steps, write_tree};
use crate::render::{generated_human, generated_json, visible, write_json};
use crate::settings::Look;

/// Proposes a policy and its records.
pub(crate) async fn generate(args: &GenerateArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let clock = args.now.map_or_else(Clock::system, Clock::fixed);
    let domains = named(std::slice::from_ref(&args.domain), args.lab)?;
    let Some(domain) = domains.first() else { return Err(Stop::usage("a domain is needed")) };
    let zone = zone(domain, &args.recipe)?;
    let wish = wish(args, clock.now(), context)?;
    let evidence = match args.mx.is_empty() {
        true => Some(look(args, domain, context).await?),
        false => None,
    };
    // The time of the look, so that one moment counts for the whole.
    let now = match (&evidence, args.now) {
        (Some(evidence), None) => evidence.taken_at,
        _ => clock.now(),
    };
    let proposal = propose(domain, evidence.as_ref(), &wish, now).map_err(refused)?;
    if let Some(part) = args.only {
        return only(part, &proposal, context);
    }
    let recipe = match args.recipe.target {
        Some(target) => {
            let wanted = wanted(&proposal, zone, wish.ttl, &args.recipe, evidence.as_ref())?;
            Some(recipe(target, &wanted).map_err(|refused: RecipeRefused| Stop::usage(refused.to_string()))?)
        }
        None => None,
    };
    let mut generated = Generated { steps: steps(&proposal), proposal, recipe, written: Vec::new() };
    if let Some(folder) = &args.output {
        generated.written = write_tree(folder, &generated)?;
    }
    let text = match args.format.unwrap_or(GenerateFormat::Human) {
        GenerateFormat::Human => {
            generated_human(&generated, context.printer.paint(None), context.printer.quiet)
        }
        GenerateFormat::Json => {
            write_json(&generated_json(&generated, &wish, evidence.as_ref(), now), args.json_pretty)? + "\n"
        }
    };
    context.printer.put(None, &text)?;
    Ok(ExitStatus::Good)
}

fn wish(args: &GenerateArgs, now: Timestamp, context: &Context) -> anyhow::Result<Wish> {
    let id = IdWish::parse(&args.id, now).map_err(|refused| Stop::usage(format!("--id: {refused}")))?;
    if let Some(previous) = &args.previous_id
        && !matches!(IdWish::parse(previous, now), Ok(IdWish::Given(_)))
    {
        let shown = visible(previous);
        return Err(Stop::usage(format!("--previous-id: `{shown}` is no id: 1 to 32 letters and digits")));
    }
    let mut targets = Vec::new();
    for text in &args.rua {
        let more = Target::parse_list(text).map_err(|refused| Stop::usage(format!("--rua: {refused}")))?;
        targets.extend(more);
    }
    if args.only == Some(Part::Tlsrpt) && targets.is_empty() {
        return Err(Stop::usage("--only tlsrpt needs a target: --rua mailto:tls-reports@reports.example"));
    }
    Ok(Wish {
        mode: match args.mode {
            ModeWord::Testing => Mode::Testing,
            ModeWord::Enforce => Mode::Enforce,
            ModeWord::None => Mode::None,
        },
        max_age: args.max_age,
        max_age_profile: context.layers.max_age_profile(args.max_age_profile)?.value,
        mx: args.mx.clone(),
        id,
        previous_id: args.previous_id.clone(),
        targets,
        ttl: args.ttl,
        delegate: args.delegate.clone(),
    })
}

async fn look(args: &GenerateArgs, domain: &Domain, context: &Context) -> anyhow::Result<Evidence> {
    // Sessions with the MX hosts are of use for enforce alone: only there a host without TLS costs mail.
    let profile = match args.mode {
        ModeWord::Enforce => ProfileWord::Full,
        ModeWord::Testing | ModeWord::None => ProfileWord::Extended,
    };
    let flags = LookArgs { profile: args.look.profile.or(Some(profile)), ..args.look.clone() };
    let look = Look::resolve(&flags, &context.layers)?;
    let site = Site::open(&look, args.now, args.lab, std::slice::from_ref(domain)).await?;
    let progress = Progress::begin(&context.printer, 1);
    let seen = site.look(domain, &progress.watcher()).await;
    progress.end();
    Ok(seen.evidence)
}

/// The exit status by whose reason it is: the command line's, the network's, the domain's.
fn refused(refused: ProposalRefused) -> anyhow::Error {
    let status = match &refused {
        ProposalRefused::MxUnknown { .. } => ExitStatus::CouldNotCheck,
        refused if refused.is_ours() => ExitStatus::CouldNotCheck,
        refused if refused.is_wish() => ExitStatus::Usage,
        _ => ExitStatus::Findings,
    };
    Stop { status, message: refused.to_string() }.into()
}

/// One part alone on standard output, the notes beside it.
fn only(part: Part, proposal: &Proposal, context: &Context) -> anyhow::Result<ExitStatus> {
    for note in &proposal.notes {
        context.printer.talk(format!("note: {}", visible(&note.text)));
    }
    match part {
        Part::Policy => context.printer.put_octets(None, proposal.policy.bytes())?,
        Part::Record => context.printer.put(None, &format!("{}\n", proposal.sts_record))?,
        Part::Tlsrpt => {
            let text = proposal.tlsrpt_record.as_deref().unwrap_or_default();
            context.printer.put(None, &format!("{text}\n"))?;
        }
    }
    Ok(ExitStatus::Good)
}

/// The zone of the records: as given, which must have the domain in it; else the domain.
fn zone(domain: &Domain, args: &RecipeArgs) -> anyhow::Result<Domain> {
    match (&args.zone, args.target) {
        (None, _) => Ok(domain.clone()),
        (Some(_), Some(target)) if !target.is_dns() => Err(Stop::usage(format!(
            "--zone is for recipes that publish records, and the one for {target} serves the policy: leave it out"
        ))),
        (Some(zone), _) if domain.is_within(zone) => Ok(zone.clone()),
        (Some(zone), _) => Err(Stop::usage(format!(
            "--zone: {domain} is not in a zone {zone}; the zone's name is the end of the domain's, such as {}",
            domain.parent().as_ref().filter(|parent| parent.label_count() > 1).unwrap_or(domain)
        ))),
    }
}

/// What a recipe is told.
fn wanted(
    proposal: &Proposal,
    zone: Domain,
    ttl: u32,
    args: &RecipeArgs,
    evidence: Option<&Evidence>,
) -> Result<Wanted, ServerPathRefused> {
    let or = |given: &Option<ServerPath>, usual: String| given.clone().map_or_else(|| usual.parse(), Ok);
    // Where certbot puts them.
    let beside = |file: &str| format!("/etc/letsencrypt/live/{}/{file}", proposal.policy_host());
    // What is published already, perhaps by an alias, is not published anew.
    let seen = evidence.filter(|_| args.target.is_none_or(|target| !target.is_dns()));
    let addresses = match (args.address.as_slice(), seen) {
        ([], Some(evidence)) => {
            let v4 = evidence.policy_host.a.records().iter().copied().map(IpAddr::V4);
            let v6 = evidence.policy_host.aaaa.records().iter().copied().map(IpAddr::V6);
            v4.chain(v6).collect()
        }
        (given, _) => given.to_vec(),
    };
    Ok(Wanted {
        domain: proposal.domain.clone(),
        zone,
        policy: proposal.policy.as_str().to_owned(),
        sts_record: proposal.sts_record.clone(),
        tlsrpt_record: proposal.tlsrpt_record.clone(),
        addresses,
        certificate: or(&args.cert, beside("fullchain.pem"))?,
        key: or(&args.key, beside("privkey.pem"))?,
        webroot: or(&args.webroot, "/var/www/mta-sts".to_owned())?,
        ttl,
    })
}
