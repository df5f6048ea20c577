//! `mta-sts schema`.

use super::Context;
use crate::cli::{SchemaArgs, SchemaName};
use crate::exit::ExitStatus;

/// Prints a schema.
pub(crate) fn schema(args: &SchemaArgs, context: &Context) -> anyhow::Result<ExitStatus> {
    context.printer.put(
        None,
        match args.name {
            SchemaName::Check => include_str!("../../schemas/check.json"),
            SchemaName::Ready => include_str!("../../schemas/ready.json"),
            SchemaName::Mx => include_str!("../../schemas/mx.json"),
            SchemaName::Lint => include_str!("../../schemas/lint.json"),
            SchemaName::Generate => include_str!("../../schemas/generate.json"),
            SchemaName::Publish => include_str!("../../schemas/publish.json"),
            SchemaName::Capsule => include_str!("../../schemas/capsule.json"),
            SchemaName::ScanRow => include_str!("../../schemas/scan-row.json"),
            SchemaName::ScanFlat => include_str!("../../schemas/scan-flat.json"),
            SchemaName::ScanSummary => include_str!("../../schemas/scan-summary.json"),
            SchemaName::ScanDiff => include_str!("../../schemas/scan-diff.json"),
            SchemaName::Sarif => include_str!("../../../../assets/vendor/sarif-schema-2.1.0.json"),
            SchemaName::Junit => include_str!("../../../../assets/vendor/junit-10.xsd"),
        },
    )?;
    Ok(ExitStatus::Good)
}
