//! BIND, Knot DNS, and whatever takes updates by RFC 2136.

use super::quoting::shell;
use super::records::record_sets;
use super::{Recipe, RecipeFile, Target, Wanted, steps};

pub(super) fn bind(wanted: &Wanted) -> Recipe {
    let (domain, zone) = (&wanted.domain, &wanted.zone);
    let file = format!("mta-sts.{domain}.zone");
    let mut text = format!("; MTA-STS and TLSRPT of {domain}: include this in its zone file.\n");
    for set in record_sets(wanted) {
        for rdata in set.rdata() {
            text.push_str(&format!("{}. {} IN {} {rdata}\n", set.name, wanted.ttl, set.kind.as_str()));
        }
    }
    Recipe {
        target: Target::Bind,
        title: "BIND 9, zone in a file",
        files: vec![RecipeFile::new(file.clone(), text, "the records, with absolute names")],
        steps: steps::after_the_policy(
            wanted,
            vec![
                format!(
                    "Delete older records of these names and types (TXT records for other uses may stay) from the zone file of {zone}, put `{file}` into \
                     `/etc/bind/`, and add the line `$INCLUDE \"/etc/bind/{file}\"` to the zone file."
                ),
                "Raise the serial of the zone's SOA record.".to_owned(),
                format!("Run `named-checkzone {zone} ZONEFILE && rndc reload {zone}`."),
            ],
        ),
        trap: format!(
            "Without a higher serial the secondaries keep the old records, and senders may ask those. A relative \
             `$INCLUDE` counts from BIND's working folder, not from that of the zone file. A zone that takes updates (`allow-update`, \
             `update-policy`) must not be edited while BIND runs: use the recipe for nsupdate. Two records that begin \
             `v=STSv1;` count as none, so the old one must go. A wildcard of {zone} does not answer for names that \
             exist."
        ),
        verify: steps::records_shown(wanted, &[format!("named-checkzone {zone} ZONEFILE")]),
    }
}

pub(super) fn knot(wanted: &Wanted) -> Recipe {
    let (domain, zone) = (&wanted.domain, &wanted.zone);
    let file = format!("mta-sts.{domain}.sh");
    let mut text = format!(
        "#!/bin/sh
# MTA-STS and TLSRPT of {domain}: replaces these records in one transaction.
# KNOTC may name another knotc, with options: KNOTC=\"knotc -s /run/knot/knot.sock\".
set -eu
knotc() {{ command ${{KNOTC:-knotc}} \"$@\"; }}

knotc zone-begin {zone}
trap 'knotc zone-abort {zone}' EXIT
"
    );
    for set in record_sets(wanted) {
        let (name, kind) = (shell(&format!("{}.", set.name)), set.kind.as_str());
        // zone-unset fails where there is nothing yet.
        text.push_str(&format!("knotc zone-unset {zone} {name} {kind} >/dev/null 2>&1 || true\n"));
        for rdata in set.rdata() {
            text.push_str(&format!("knotc zone-set {zone} {name} {} {kind} {}\n", wanted.ttl, shell(&rdata)));
        }
    }
    text.push_str(&format!("knotc zone-commit {zone}\ntrap - EXIT\n"));
    Recipe {
        target: Target::Knot,
        title: "Knot DNS, by knotc",
        files: vec![RecipeFile::new(file.clone(), text, "one transaction that replaces the records")],
        steps: steps::after_the_policy(wanted, vec![format!("Run `sh {file}` on the primary server, as root or as knot.")]),
        trap: "Knot keeps such changes in its journal. With `zonefile-sync: -1` the zone file never shows them, and an \
               edited zone file that is loaded later (`zonefile-load: whole`) takes them back: then edit the file \
               instead, or use `zonefile-load: difference-no-serial` with `journal-content: all`. An open transaction of \
               someone else makes `zone-begin` fail; nothing has changed then. The script replaces every other record \
               of these names and types, TXT records for other uses too."
            .to_owned(),
        verify: steps::records_shown(wanted, &[format!("knotc zone-read {zone} _mta-sts.{domain}. TXT")]),
    }
}

pub(super) fn nsupdate(wanted: &Wanted) -> Recipe {
    let (domain, zone) = (&wanted.domain, &wanted.zone);
    let file = format!("mta-sts.{domain}.nsupdate");
    let mut text = format!(
        "; MTA-STS and TLSRPT of {domain}: one message, so that no name is absent in between.\nzone {zone}.\n"
    );
    for set in record_sets(wanted) {
        text.push_str(&format!("update delete {}. {}\n", set.name, set.kind.as_str()));
        for rdata in set.rdata() {
            text.push_str(&format!(
                "update add {}. {} {} {rdata}\n",
                set.name,
                wanted.ttl,
                set.kind.as_str()
            ));
        }
    }
    text.push_str("send\n");
    // BIND asks for a grant for each record set that is changed.
    let grants: Vec<String> = record_sets(wanted)
        .iter()
        .map(|set| format!("grant KEY name {}. {};", set.name, set.kind.as_str()))
        .collect();
    Recipe {
        target: Target::Nsupdate,
        title: "RFC 2136 updates, by nsupdate",
        files: vec![RecipeFile::new(file.clone(), text, "one update that replaces the records")],
        steps: steps::after_the_policy(
            wanted,
            vec![
                "If the primary server is not the one that the zone's SOA record names, add a line `server ADDRESS` \
                 above the line `zone`."
                    .to_owned(),
                format!("Run `nsupdate -k KEYFILE {file}`."),
            ],
        ),
        trap: format!(
            "Delete and add must be in one message, hence one `send` at the end: with two, the name is absent between \
               them, and resolvers keep that answer for the zone's negative time to live. It replaces every other record \
               of these names and types. Give the key leave for them only: `update-policy {{ {} }};`.",
            grants.join(" ")
        ),
        verify: steps::records_shown(wanted, &[]),
    }
}
