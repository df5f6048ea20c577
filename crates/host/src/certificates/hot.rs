//! Certificates whose keys have been read already.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use rustls::sign::CertifiedKey;

use super::packed::Packed;

/// How many are kept ready: names that are asked for again and again cost no reading of keys. Each has about 3 KB, so
/// that all together have 12 MB. A power of two, so that a hash is cut to size by a mask.
const PLACES: usize = 4096;

/// Certificates ready for handshakes. Each name has one place, which it shares with others: whoever was asked for last
/// is in it. So there is nothing to lock and nothing to keep in order.
pub(super) struct Hot {
    places: Box<[ArcSwapOption<Ready>]>,
    hasher: RandomState,
}

struct Ready {
    /// Whose it is: another certificate for the same name is another `Packed`.
    of: Arc<Packed>,
    certified: Arc<CertifiedKey>,
}

impl Hot {
    pub(super) fn new() -> Self {
        Self { places: (0..PLACES).map(|_| ArcSwapOption::empty()).collect(), hasher: RandomState::new() }
    }

    /// The ready form of `packed`, which is what `name` has now; `make` makes it if it is not here.
    pub(super) fn ready<F>(
        &self,
        name: &str,
        packed: &Arc<Packed>,
        make: impl FnOnce() -> Result<CertifiedKey, F>,
    ) -> Result<Arc<CertifiedKey>, F> {
        // In range for every name.
        let place = &self.places[self.hasher.hash_one(name) as usize & (PLACES - 1)];
        if let Some(ready) = place.load().as_ref()
            && Arc::ptr_eq(&ready.of, packed)
        {
            return Ok(Arc::clone(&ready.certified));
        }
        let certified = Arc::new(make()?);
        place.store(Some(Arc::new(Ready { of: Arc::clone(packed), certified: Arc::clone(&certified) })));
        Ok(certified)
    }
}
