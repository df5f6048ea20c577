//! `mta-sts replay`.

use super::Context;
use super::run::{Judging, Run};
use crate::capsule::Capsule;
use crate::cli::ReplayArgs;
use crate::exit::ExitStatus;
use crate::settings::Showing;

/// Judges a recorded check again.
pub(crate) fn replay(args: &ReplayArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    let showing = Showing::resolve(&args.output, &context.layers)?;
    let capsule = Capsule::read(&args.capsule)?;
    let mut judging = Judging::resolve(&args.scale, args.require, &args.expect, &showing, context)?;
    let recorded = capsule.scale()?;
    if args.scale.severity.is_none() {
        judging.scale.severity = recorded.severity;
    }
    if args.scale.max_age_profile.is_none() {
        judging.scale.max_age = recorded.max_age;
    }
    let (domains, many) = capsule.into_parts();
    let mut run = Run::begin(&showing, &judging, context, many, None)?;
    for recorded in domains {
        run.take(recorded)?;
    }
    run.finish()
}
