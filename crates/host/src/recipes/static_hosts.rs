//! Services that serve files: Cloudflare, GitHub Pages, Netlify, Amazon S3 with CloudFront.

use super::quoting::json;
use super::{POLICY_PATH, Recipe, RecipeFile, Target, Wanted, steps};

/// Longest name of a project or a stack that all of these services take.
const MAX_NAME: usize = 54;

/// Keeps git from changing the policy's line ends.
const GIT_ATTRIBUTES: &str = "mta-sts.txt -text\n";

/// A name for the project: letters, digits and hyphens.
fn project(wanted: &Wanted) -> String {
    let name = format!("mta-sts-{}", wanted.domain).replace('.', "-");
    name.chars().take(MAX_NAME).collect::<String>().trim_end_matches('-').to_owned()
}

fn git_attributes(folder: &str) -> RecipeFile {
    RecipeFile::new(
        format!("{folder}.well-known/.gitattributes"),
        GIT_ATTRIBUTES,
        "keeps git from changing the policy's line ends",
    )
}

pub(super) fn cloudflare_worker(wanted: &Wanted) -> Recipe {
    let (host, name) = (wanted.host(), project(wanted));
    let worker = format!(
        r#"const POLICY = {policy};

export default {{
  async fetch(request) {{
    // Nothing but the policy, and no redirect: senders must not follow one (RFC 8461 section 3.3).
    if (new URL(request.url).pathname !== "/{POLICY_PATH}") {{
      return new Response("not found\n", {{ status: 404, headers: {{ "Content-Type": "text/plain" }} }});
    }}
    return new Response(POLICY, {{ headers: {{ "Content-Type": "text/plain" }} }});
  }},
}};
"#,
        policy = json(&wanted.policy)
    );
    let wrangler = format!(
        r#"name = "{name}"
main = "worker.js"
compatibility_date = "2025-01-01"
workers_dev = false

[[routes]]
pattern = "{host}"
custom_domain = true
"#
    );
    Recipe {
        target: Target::CloudflareWorker,
        title: "Cloudflare Worker",
        files: vec![
            RecipeFile::new("worker.js", worker, "the Worker, which holds the policy"),
            RecipeFile::new("wrangler.toml", wrangler, "its configuration"),
        ],
        steps: vec![
            format!(
                "Delete any DNS record that {host} has: the custom domain makes its own, and its certificate."
            ),
            "Run `npx wrangler deploy`.".to_owned(),
            "Set the zone's minimum TLS version to 1.2.".to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "Rules of the zone run before the Worker: a redirect rule (to www), Under Attack mode, bot fighting or a \
             firewall rule also meets senders. {} Add a rule that skips them for {host}. A route instead of a custom \
             domain needs a proxied DNS record, and the zone's ordinary certificate covers one label only, so no name \
             such as mta-sts.mail.example.com.",
            steps::NO_CHALLENGE
        ),
        verify: steps::served(wanted, &[]),
    }
}

pub(super) fn cloudflare_pages(wanted: &Wanted) -> Recipe {
    let (host, name) = (wanted.host(), project(wanted));
    Recipe {
        target: Target::CloudflarePages,
        title: "Cloudflare Pages",
        files: vec![
            RecipeFile::policy_below("public/", wanted),
            RecipeFile::new(
                "public/_headers",
                format!("/{POLICY_PATH}\n  Content-Type: text/plain\n"),
                "the policy's media type",
            ),
            RecipeFile::new(
                "public/404.html",
                "<!doctype html>\n<title>not found</title>\n",
                "without it, Pages answers every path with 200",
            ),
            git_attributes("public/"),
        ],
        steps: vec![
            format!("Run `npx wrangler pages deploy public --project-name {name}`."),
            format!("In the project's settings add the custom domain {host}, and wait until it is active."),
            "Set the zone's minimum TLS version to 1.2.".to_owned(),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "Without `404.html` Pages takes the project for a single-page application and answers a path that it does \
             not have with 200 and `text/html`: a policy that was left out then looks served. Redirect rules, Under \
             Attack mode, bot fighting and access policies of the zone come before Pages. {}",
            steps::NO_CHALLENGE
        ),
        verify: steps::served(wanted, &[]),
    }
}

pub(super) fn github_pages(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    Recipe {
        target: Target::GithubPages,
        title: "GitHub Pages",
        files: vec![
            RecipeFile::new(".nojekyll", "", "without it, Pages leaves out folders that begin with a dot"),
            RecipeFile::new("CNAME", format!("{host}\n"), "the name that Pages answers for"),
            RecipeFile::policy(wanted),
            git_attributes(""),
        ],
        steps: vec![
            "Push the files to a repository of their own: a repository answers for one name only.".to_owned(),
            "In its settings, under Pages, choose to deploy from the branch.".to_owned(),
            format!("Publish `{host}. CNAME OWNER.github.io.`, with your account's name for OWNER."),
            format!(
                "Wait until the settings say that the certificate is there (CAA records must allow letsencrypt.org), then \
                 turn on Enforce HTTPS for {host}."
            ),
            steps::then_the_record(wanted),
        ],
        trap: "Without `.nojekyll` the folder `.well-known` is not published. A workflow loses it as well: \
               `actions/upload-pages-artifact` leaves out hidden files since version 4, and from version 5 takes them \
               with `include-hidden-files: true` only; to deploy from the branch avoids that. Without the file `CNAME` \
               a later push can drop the name. Pages may show an old file for ten minutes: wait for the new one before \
               the record shows a new id."
            .to_owned(),
        verify: steps::served(wanted, &[]),
    }
}

pub(super) fn netlify(wanted: &Wanted) -> Recipe {
    let host = wanted.host();
    let text = format!(
        r#"[build]
publish = "public"

[[headers]]
for = "/{POLICY_PATH}"

[headers.values]
Content-Type = "text/plain"
"#
    );
    Recipe {
        target: Target::Netlify,
        title: "Netlify",
        files: vec![
            RecipeFile::new("netlify.toml", text, "the policy's media type; no redirects"),
            RecipeFile::policy_below("public/", wanted),
            git_attributes("public/"),
        ],
        steps: vec![
            "Make a project of its own for it, and run `npx netlify deploy --prod`.".to_owned(),
            format!(
                "Make {host} its primary domain, not an alias, and publish the CNAME that Netlify names."
            ),
            format!("Wait until the certificate for {host} is there."),
            steps::then_the_record(wanted),
        ],
        trap: format!(
            "As an alias of your web site, {host} gets that site's redirects: catch-all rules lead every name to the \
             primary one, and `/* /index.html 200` answers a missing policy with a page and 200. Both are no policy for \
             senders; hence the project of its own. Write `Content-Type` with these capitals, or the header comes twice. \
             A password or a login in front of the project is no policy either."
        ),
        verify: steps::served(wanted, &[]),
    }
}

pub(super) fn s3_cloudfront(wanted: &Wanted) -> Recipe {
    let (host, name) = (wanted.host(), project(wanted));
    Recipe {
        target: Target::S3Cloudfront,
        title: "Amazon S3 behind CloudFront",
        files: vec![
            RecipeFile::new("mta-sts.yaml", cloudformation(&host), "the CloudFormation stack"),
            RecipeFile::policy(wanted),
        ],
        steps: vec![
            format!(
                "Run `aws acm request-certificate --region us-east-1 --domain-name {host} --validation-method DNS`, and \
                 publish the record that it asks for."
            ),
            format!(
                "Run `aws cloudformation deploy --region us-east-1 --stack-name {name} --template-file mta-sts.yaml \
                 --parameter-overrides CertificateArn=ARN`, with the certificate's ARN; \
                 `aws cloudformation describe-stacks --region us-east-1 --stack-name {name}` then shows BUCKET and TARGET."
            ),
            format!(
                "Run `aws s3 cp {POLICY_PATH} s3://BUCKET/{POLICY_PATH} --content-type text/plain \
                 --cache-control no-cache`."
            ),
            format!("Publish `{host}. CNAME TARGET.`."),
            steps::then_the_record(wanted),
        ],
        trap: "CloudFront takes certificates of us-east-1 only. S3 keeps the media type of the upload: without \
               `--content-type text/plain`, uploads through the API become `binary/octet-stream`. The web site endpoint \
               of S3 has no HTTPS, so the name must lead to CloudFront. The stack turns CloudFront's cache off; with \
               it, senders get the old policy for up to a day after the record shows the new id. S3 answers other \
               paths with 403, which senders never ask for."
            .to_owned(),
        verify: steps::served(wanted, &[]),
    }
}

fn cloudformation(host: &str) -> String {
    format!(
        r#"AWSTemplateFormatVersion: "2010-09-09"
Description: {description}
Parameters:
  CertificateArn:
    Type: String
    Description: The certificate of the policy host, in us-east-1
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        BlockPublicAcls: true
        BlockPublicPolicy: true
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              Service: cloudfront.amazonaws.com
            Action: s3:GetObject
            Resource: !Sub "${{Bucket.Arn}}/{POLICY_PATH}"
            Condition:
              StringEquals:
                "AWS:SourceArn": !Sub "arn:aws:cloudfront::${{AWS::AccountId}}:distribution/${{Distribution}}"
  Access:
    Type: AWS::CloudFront::OriginAccessControl
    Properties:
      OriginAccessControlConfig:
        Name: !Ref AWS::StackName
        OriginAccessControlOriginType: s3
        SigningBehavior: always
        SigningProtocol: sigv4
  Distribution:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        IPV6Enabled: true
        HttpVersion: http2
        Aliases: [{alias}]
        Origins:
          - Id: policy
            DomainName: !GetAtt Bucket.RegionalDomainName
            OriginAccessControlId: !GetAtt Access.Id
            S3OriginConfig:
              OriginAccessIdentity: ""
        DefaultCacheBehavior:
          TargetOriginId: policy
          ViewerProtocolPolicy: https-only
          AllowedMethods: [GET, HEAD]
          # The managed policy CachingDisabled: a new policy is served at once.
          CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad
        ViewerCertificate:
          AcmCertificateArn: !Ref CertificateArn
          SslSupportMethod: sni-only
          MinimumProtocolVersion: TLSv1.2_2021
Outputs:
  Bucket:
    Value: !Ref Bucket
  Target:
    Value: !GetAtt Distribution.DomainName
"#,
        description = json(&format!("MTA-STS policy host {host}")),
        alias = json(host),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn project_names_are_short_and_end_well() {
        let long = format!("{}.{}.example", "a".repeat(45), "b".repeat(40));
        let mut wanted = crate::recipes::wanted::tests::example();
        assert_eq!(project(&wanted), "mta-sts-example-com");
        wanted.domain = long.parse().expect("a domain");
        assert_eq!(project(&wanted), format!("mta-sts-{}", "a".repeat(45)));
    }
}
