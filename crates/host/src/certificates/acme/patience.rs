//! Sending again what was refused for its nonce only.

use instant_acme::Error;

use super::{Kind, Trouble};

/// How often a request is sent in all, each time by a library that tries three times itself. Of a hundred authorities that
/// each refuse a fifth of all nonces (Pebble's strictest setting), none refuses this often in a row: 0.2 to the power of 24.
const TRIES: usize = 8;

/// Sends again while nothing but the nonce was wrong (RFC 8555 §6.5): the request was not looked at, so that it may be
/// sent again, whatever it asks for. `$request` is evaluated anew each time.
macro_rules! again {
    ($request:expr) => {{
        let mut tries = 0;
        loop {
            tries += 1;
            match $request.await {
                Err(error) if $crate::certificates::acme::patience::is_nonce_only(&error, tries) => {}
                other => break other,
            }
        }
    }};
}
pub(crate) use again;

/// Whether to send it again.
pub(crate) fn is_nonce_only(error: &Error, tries: usize) -> bool {
    tries < TRIES && Trouble::of(error).kind == Kind::BadNonce
}
