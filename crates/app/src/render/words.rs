//! The words and signs of verdicts, statuses and the like, taken from their serialised form where they have one.

use judge::{Attack, Consequence, GateStatus, Layer, LayerStatus, Mechanism, Severity, Verdict};
use serde::Serialize;

/// The serialised word of a value, such as `ready-to-enforce`.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A verdict's word.
pub(crate) fn verdict_word(verdict: Verdict) -> String {
    word(verdict)
}

/// A severity's word.
pub(crate) fn severity_word(severity: Severity) -> String {
    word(severity)
}

/// A consequence's word.
pub(crate) fn consequence_word(consequence: Consequence) -> String {
    word(consequence)
}

/// A layer's word.
pub(crate) fn layer_word(layer: Layer) -> String {
    word(layer)
}

/// A mechanism's word.
pub(crate) fn mechanism_word(mechanism: Mechanism) -> String {
    word(mechanism)
}

/// A layer's name for people.
pub(crate) const fn layer_name(layer: Layer) -> &'static str {
    match layer {
        Layer::Record => "Record",
        Layer::Fetch => "Fetching the policy",
        Layer::Policy => "Policy",
        Layer::Coverage => "MX coverage",
        Layer::Transport => "MX transport security",
        Layer::Tlsrpt => "TLSRPT",
        Layer::Across => "Across layers",
    }
}

/// A status's word for people.
pub(crate) const fn status_word(status: LayerStatus) -> &'static str {
    match status {
        LayerStatus::Pass => "pass",
        LayerStatus::Warn => "warn",
        LayerStatus::Fail => "fail",
        LayerStatus::NotTested => "not tested",
    }
}

/// A status's sign; the word always stands beside it.
pub(crate) const fn status_sign(status: LayerStatus) -> &'static str {
    match status {
        LayerStatus::Pass => "✓",
        LayerStatus::Warn => "!",
        LayerStatus::Fail => "✗",
        LayerStatus::NotTested => "–",
    }
}

/// The layer status that looks like a gate's.
pub(crate) const fn gate_as_layer(status: GateStatus) -> LayerStatus {
    match status {
        GateStatus::Pass => LayerStatus::Pass,
        GateStatus::Fail => LayerStatus::Fail,
        GateStatus::NotTested => LayerStatus::NotTested,
    }
}

/// What a consequence means, for people.
pub(crate) const fn consequence_phrase(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::None => "nothing is lost today",
        Consequence::ReportingLost => "reports are lost",
        Consequence::ProtectionLost => "protection is lost",
        Consequence::DeliveryDegraded => "delivery is degraded",
        Consequence::DeliveryLost => "delivery is lost",
    }
}

/// A mechanism for people.
pub(crate) const fn mechanism_phrase(mechanism: Mechanism) -> &'static str {
    match mechanism {
        Mechanism::None => "no enforced TLS",
        Mechanism::MtaSts => "MTA-STS",
        Mechanism::Dane => "DANE",
        Mechanism::Both => "MTA-STS and DANE",
    }
}

/// An attack for people.
pub(crate) const fn attack_phrase(attack: Attack) -> &'static str {
    match attack {
        Attack::PassiveListening => "listening",
        Attack::StarttlsStripping => "STARTTLS stripping",
        Attack::Impersonation => "impersonation",
        Attack::MxForgery => "forged MX",
        Attack::FirstContact => "hiding the policy at first contact",
    }
}
