//! Policies as the command line describes them.

use std::path::Path;

use jiff::Timestamp;
use judge::propose::{Proposal, ProposalRefused, Target, Wish, propose, tlsrpt_record};
use protocol::MxPattern;
use protocol::sts::{MAX_POLICY_OCTETS, Mode, Policy, PolicyText};

use super::guarding;
use crate::capsule::read_bounded;
use crate::cli::{AddArgs, ModeWord, ProfileWord, WeakerMode};
use crate::commands::Context;
use crate::exit::{ExitStatus, Stop};

/// The policy in a file, octet for octet.
pub(super) fn from_file(path: &Path) -> anyhow::Result<PolicyText> {
    let octets = read_bounded(path, MAX_POLICY_OCTETS as u64)
        .map_err(|error| Stop::usage(format!("--policy: {error:#}")))?;
    PolicyText::read(&octets).map_err(|error| {
        let shown = path.display();
        let message =
            format!("{shown}: senders do not take this policy: {error}; `mta-sts lint {shown}` says more");
        Stop { status: ExitStatus::Findings, message }.into()
    })
}

/// The policy from the flags and, where these say no host, from the live MX records.
pub(super) async fn from_flags(
    args: &AddArgs,
    now: Timestamp,
    context: &Context,
) -> anyhow::Result<PolicyText> {
    let wish = Wish {
        mode: match args.mode {
            ModeWord::Testing => Mode::Testing,
            ModeWord::Enforce => Mode::Enforce,
            ModeWord::None => Mode::None,
        },
        max_age: args.max_age,
        max_age_profile: context.layers.max_age_profile(None)?.value,
        mx: args.mx.clone(),
        ..Wish::default()
    };
    let evidence = match args.mx.is_empty() {
        true => Some(guarding::seen(&args.domain, ProfileWord::Extended, &args.look, context).await?),
        false => None,
    };
    let proposal: Proposal =
        propose(&args.domain, evidence.as_ref(), &wish, now).map_err(|refused| self::refused(&refused))?;
    Ok(proposal.policy)
}

fn refused(refused: &ProposalRefused) -> anyhow::Error {
    let status = match refused {
        ProposalRefused::MxUnknown { .. } => ExitStatus::CouldNotCheck,
        refused if refused.is_ours() => ExitStatus::CouldNotCheck,
        refused if refused.is_wish() => ExitStatus::Usage,
        _ => ExitStatus::Findings,
    };
    Stop {
        status,
        message: format!("{refused}; --mx names the hosts, --draft takes the domain in without a policy"),
    }
    .into()
}

/// `policy` with what is not `None` in place of what it has.
pub(super) fn edited(
    policy: &Policy,
    mx: &[MxPattern],
    mode: Option<Mode>,
    max_age: Option<u64>,
) -> anyhow::Result<PolicyText> {
    let mut edited = policy.clone();
    if !mx.is_empty() {
        edited.mx = mx.to_vec();
    }
    edited.mode = mode.unwrap_or(edited.mode);
    edited.max_age = max_age.unwrap_or(edited.max_age);
    PolicyText::read(edited.to_string().as_bytes()).map_err(|error| {
        Stop { status: ExitStatus::Findings, message: format!("senders would not take this policy: {error}") }
            .into()
    })
}

/// The mode that a word means.
pub(super) const fn mode(word: WeakerMode) -> Mode {
    match word {
        WeakerMode::Testing => Mode::Testing,
        WeakerMode::None => Mode::None,
    }
}

/// The TLSRPT record with these targets; `None` for none.
pub(super) fn tlsrpt_text(rua: &[String]) -> anyhow::Result<Option<String>> {
    let mut targets = Vec::new();
    for text in rua {
        let more = Target::parse_list(text).map_err(|refused| Stop::usage(format!("--rua: {refused}")))?;
        targets.extend(more);
    }
    Ok(tlsrpt_record(&targets))
}
