//! Looks at other people's domains as a sender would: DNS with DNSSEC, the policy's HTTPS, SMTP with STARTTLS; and
//! the clock. Changes nothing, holds no opinion, keeps nothing but short-lived caches.

mod settings;

pub use settings::{ConnectRule, Families, Limits, ResolverChoice, Roots, Settings, TrustAnchor};
