//! Tools that keep a zone as code: Terraform, DNSControl, octoDNS.

use super::quoting::{hcl, json};
use super::records::{Kind, RecordSet, record_sets};
use super::{Recipe, RecipeFile, Target, Wanted, steps};

pub(super) fn terraform(wanted: &Wanted) -> Recipe {
    let sets = record_sets(wanted);
    let addresses: Vec<String> =
        sets.iter().filter(|set| set.kind != Kind::Txt).map(|set| resource_name(wanted, set)).collect();
    let mut text = format!(
        r#"# MTA-STS and TLSRPT of {domain}. The provider is any that takes RFC 2136 updates; say which server and key in
# provider "dns" {{ update {{ … }} }}. For the API of a DNS host, change the resource types and keep data and depends_on.

terraform {{
  required_version = ">= 1.2"
  required_providers {{
    dns = {{
      source = "hashicorp/dns"
    }}
    http = {{
      source = "hashicorp/http"
    }}
  }}
}}

locals {{
  mta_sts_policy = {policy}
}}

# Stops before the record changes, unless the policy is served.
data "http" "mta_sts_policy" {{
  url = {url}
{waits}
  lifecycle {{
    postcondition {{
      condition     = self.status_code == 200 && self.response_body == local.mta_sts_policy
      error_message = "The policy host does not serve this policy yet: serve it first, then apply again."
    }}
  }}
}}
"#,
        domain = wanted.domain,
        policy = hcl(&wanted.policy),
        url = hcl(&wanted.url()),
        waits = if addresses.is_empty() {
            String::new()
        } else {
            format!("  depends_on = [{}]\n", addresses.join(", "))
        },
    );
    for set in &sets {
        text.push('\n');
        text.push_str(&resource(wanted, set));
    }
    Recipe {
        target: Target::Terraform,
        title: "Terraform and OpenTofu",
        files: vec![RecipeFile::new("mta-sts.tf", text, "the records, and what they wait for")],
        steps: steps::after_the_policy(
            wanted,
            vec!["Put `mta-sts.tf` into your module, run `terraform init`, `terraform plan` and `terraform apply`."
                .to_owned()],
        ),
        trap: format!(
            "Terraform changes what does not depend on each other at the same time: without `depends_on` the new id can be \
             seen before the new policy. The condition lets no plan through while the policy host of {} serves anything \
             else; `data.http` follows redirects, which senders must not, so run the check afterwards.",
            wanted.domain
        ),
        verify: steps::records_shown(wanted, &["terraform validate".to_owned()]),
    }
}

/// How other blocks name the resource of a record set.
fn resource_name(wanted: &Wanted, set: &RecordSet) -> String {
    let kind = set.kind.as_str().to_ascii_lowercase();
    let name = set.label(wanted).trim_start_matches('_').replace("._", ".").replace(['-', '.'], "_");
    format!("dns_{kind}_record_set.{name}")
}

fn resource(wanted: &Wanted, set: &RecordSet) -> String {
    let is_text = set.kind == Kind::Txt;
    let values: Vec<String> = set.values.iter().map(|value| hcl(value)).collect();
    let values = format!("[{}]", values.join(", "));
    let settings = [
        ("zone", hcl(&format!("{}.", wanted.zone))),
        ("name", hcl(set.label(wanted))),
        (if is_text { "txt" } else { "addresses" }, values),
        ("ttl", wanted.ttl.to_string()),
    ];
    let width = settings.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = format!("resource \"{}\" {{\n", resource_name(wanted, set).replace('.', "\" \""));
    for (name, value) in settings {
        text.push_str(&format!("  {name:width$} = {value}\n"));
    }
    if is_text && set.name == format!("_mta-sts.{}", wanted.domain) {
        text.push_str("\n  depends_on = [data.http.mta_sts_policy]\n");
    }
    text.push_str("}\n");
    text
}

pub(super) fn dnscontrol(wanted: &Wanted) -> Recipe {
    let mut text = format!(
        "// MTA-STS and TLSRPT of {}: require this after the D() of the zone.\nD_EXTEND({},\n",
        wanted.domain,
        json(wanted.zone.as_str())
    );
    for set in record_sets(wanted) {
        for value in &set.values {
            text.push_str(&format!(
                "  {}({}, {}, TTL({})),\n",
                set.kind.as_str(),
                json(set.label(wanted)),
                json(value),
                wanted.ttl
            ));
        }
    }
    // A trailing comma is no fault, but an empty last argument would be.
    text.push_str("{});\n");
    Recipe {
        target: Target::Dnscontrol,
        title: "DNSControl",
        files: vec![RecipeFile::new("mta-sts.js", text, "the records")],
        steps: steps::after_the_policy(
            wanted,
            vec![
                "Add `require(\"./mta-sts.js\");` at the end of `dnsconfig.js`.".to_owned(),
                "Run `dnscontrol preview`, then `dnscontrol push`.".to_owned(),
            ],
        ),
        trap: "DNSControl deletes what its files do not name: make sure that `_mta-sts` and `_smtp._tls` are not also \
               kept elsewhere, or two sources undo each other. `D_EXTEND` must come after the zone's `D`. Push the id \
               after the policy is served, since DNSControl does not look."
            .to_owned(),
        verify: steps::records_shown(wanted, &["dnscontrol check".to_owned()]),
    }
}

pub(super) fn octodns(wanted: &Wanted) -> Recipe {
    let mut text = format!("# MTA-STS and TLSRPT: merge this into config/{}.yaml.\n", wanted.zone);
    let mut names: Vec<(String, Vec<RecordSet>)> = Vec::new();
    for set in record_sets(wanted) {
        let label = set.label(wanted).to_owned();
        match names.iter_mut().find(|(name, _)| *name == label) {
            Some((_, sets)) => sets.push(set),
            None => names.push((label, vec![set])),
        }
    }
    // octoDNS asks for its keys in order.
    names.sort_by(|(a, _), (b, _)| a.cmp(b));
    for (name, sets) in names {
        text.push_str(&format!("{}:\n", json(&name)));
        for set in sets {
            text.push_str(&format!(
                "  - ttl: {}\n    type: {}\n    values:\n",
                wanted.ttl,
                set.kind.as_str()
            ));
            for value in &set.values {
                // octoDNS takes a semicolon in a text only after a backslash.
                let value = if set.kind == Kind::Txt { value.replace(';', "\\;") } else { value.clone() };
                text.push_str(&format!("      - {}\n", json(&value)));
            }
        }
    }
    Recipe {
        target: Target::Octodns,
        title: "octoDNS",
        files: vec![RecipeFile::new("mta-sts.yaml", text, "the records")],
        steps: steps::after_the_policy(
            wanted,
            vec![
                format!("Merge `mta-sts.yaml` into `config/{}.yaml`.", wanted.zone),
                "Run `octodns-sync --config-file=config.yaml`, read the plan, then run it again with `--doit`.".to_owned(),
            ],
        ),
        trap: "octoDNS wants each semicolon of a text escaped (`\\;`), and refuses the file otherwise; the escape is not \
               published. It deletes what the file does not name: merge, do not replace. It pushes the id without \
               looking whether the policy is served."
            .to_owned(),
        verify: steps::records_shown(wanted, &["octodns-validate --config-file=config.yaml".to_owned()]),
    }
}
