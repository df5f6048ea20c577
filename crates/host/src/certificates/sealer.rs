//! Private keys at rest: AES-256-GCM under a key that is kept elsewhere, in a file or the environment.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize as _, Zeroizing};

/// The octets of a key.
const KEY: usize = 32;
/// The octets that say which key it was: enough to tell the few keys apart that one installation ever has.
const ID: usize = 8;
/// The first octet of everything sealed, so that another form can follow one day.
const FORM: u8 = 1;
/// Form, key, nonce.
const HEAD: usize = 1 + ID + NONCE_LEN;
/// What the key's name is a hash of, beside the key.
const ID_LABEL: &[u8] = b"mta-sts sealing key";

/// A key that seals others. Never shown; wiped when dropped.
pub struct SealingKey {
    octets: Zeroizing<[u8; KEY]>,
}

/// Seals with one key, and opens what that key or a former one sealed.
pub struct Sealer {
    current: Held,
    former: Vec<Held>,
}

struct Held {
    id: [u8; ID],
    key: RandomizedNonceKey,
}

/// Why something cannot be sealed or opened. Never holds a piece of a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealFault {
    /// The text is no key.
    #[error(
        "this is no sealing key: it must be 32 random octets in base64; `openssl rand -base64 32` makes one"
    )]
    NoKey,
    /// It was sealed with a key that was not given.
    #[error(
        "this was sealed with the key {sealed_with}, and the key given is {given}: give the key that it was sealed with, or \
         both when you are changing keys"
    )]
    OtherKey {
        /// The key that is needed.
        sealed_with: String,
        /// The key that was given.
        given: String,
    },
    /// It was changed, or belongs to something else.
    #[error("what is kept for {0} is damaged or was copied from something else: restore it from a backup")]
    Damaged(String),
    /// The system's source of random numbers does not work.
    #[error("this machine gives no random numbers")]
    NoRandom,
}

impl SealingKey {
    /// A new key.
    ///
    /// # Errors
    /// [`SealFault::NoRandom`].
    pub fn generate() -> Result<Self, SealFault> {
        let mut octets = Zeroizing::new([0; KEY]);
        rand::fill(octets.as_mut_slice()).map_err(|_| SealFault::NoRandom)?;
        Ok(Self { octets })
    }

    /// Reads a key: 32 octets in base64, whatever white space is around it.
    ///
    /// # Errors
    /// [`SealFault::NoKey`], never with a piece of the text.
    pub fn read(text: &str) -> Result<Self, SealFault> {
        let read = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| SealFault::NoKey)?);
        let octets = <[u8; KEY]>::try_from(read.as_slice()).map_err(|_| SealFault::NoKey)?;
        Ok(Self { octets: Zeroizing::new(octets) })
    }

    /// The key as [`read`](Self::read) takes it, with the line's end: for the file that it is kept in.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(KEY * 2));
        STANDARD.encode_string(self.octets.as_slice(), &mut text);
        text.push('\n');
        text
    }

    /// What it is called in messages: nothing can be learned from it about the key.
    #[must_use]
    pub fn id(&self) -> String {
        hex(&self.short())
    }

    fn short(&self) -> [u8; ID] {
        let mut labelled = Zeroizing::new(ID_LABEL.to_vec());
        labelled.extend_from_slice(self.octets.as_slice());
        let mut id = [0; ID];
        id.iter_mut().zip(digest(&SHA256, &labelled).as_ref()).for_each(|(to, from)| *to = *from);
        id
    }

    fn hold(&self) -> Result<Held, SealFault> {
        let key =
            RandomizedNonceKey::new(&AES_256_GCM, self.octets.as_slice()).map_err(|_| SealFault::NoKey)?;
        Ok(Held { id: self.short(), key })
    }
}

impl Sealer {
    /// Seals with `current`; opens what `current` or one of `former` sealed.
    ///
    /// # Errors
    /// [`SealFault::NoKey`].
    pub fn new(current: &SealingKey, former: &[SealingKey]) -> Result<Self, SealFault> {
        let former = former.iter().map(SealingKey::hold).collect::<Result<_, _>>()?;
        Ok(Self { current: current.hold()?, former })
    }

    /// Seals `secret` so that it opens only for the same `purpose`: a key that is copied to another name's row is
    /// refused there.
    ///
    /// # Errors
    /// [`SealFault::NoRandom`].
    pub fn seal(&self, purpose: &str, secret: &[u8]) -> Result<Vec<u8>, SealFault> {
        // Room for the tag, so that the secret is not left behind in a piece of memory that was too small.
        let mut body = Vec::with_capacity(secret.len() + AES_256_GCM.tag_len());
        body.extend_from_slice(secret);
        let sealed = self.current.key.seal_in_place_append_tag(Aad::from(purpose.as_bytes()), &mut body);
        let Ok(nonce) = sealed else {
            body.zeroize();
            return Err(SealFault::NoRandom);
        };
        let mut whole = Vec::with_capacity(HEAD + body.len());
        whole.push(FORM);
        whole.extend_from_slice(&self.current.id);
        whole.extend_from_slice(nonce.as_ref());
        whole.append(&mut body);
        Ok(whole)
    }

    /// Opens what was sealed for `purpose`.
    ///
    /// # Errors
    /// [`SealFault::OtherKey`] or [`SealFault::Damaged`].
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealFault> {
        let damaged = || SealFault::Damaged(purpose.replace('\0', " "));
        let held = self.holder(sealed).map_err(|fault| fault.unwrap_or_else(damaged))?;
        let (head, body) = sealed.split_at_checked(HEAD).ok_or_else(damaged)?;
        let nonce = head.get(1 + ID..).ok_or_else(damaged)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| damaged())?;
        let mut secret = Zeroizing::new(body.to_vec());
        let length = held
            .key
            .open_in_place(nonce, Aad::from(purpose.as_bytes()), &mut secret)
            .map_err(|_| damaged())?
            .len();
        secret.truncate(length);
        Ok(secret)
    }

    /// Whether it was sealed with the current key, and need not be sealed again when keys change.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        self.holder(sealed).is_ok_and(|held| held.id == self.current.id)
    }

    /// The key that something was sealed with.
    fn holder(&self, sealed: &[u8]) -> Result<&Held, Option<SealFault>> {
        let (Some(&FORM), Some(id)) = (sealed.first(), sealed.get(1..=ID)) else { return Err(None) };
        let held = [&self.current].into_iter().chain(&self.former).find(|held| held.id == id);
        held.ok_or_else(|| Some(SealFault::OtherKey { sealed_with: hex(id), given: hex(&self.current.id) }))
    }
}

fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey({})", self.id())
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sealer({} and {} former)", hex(&self.current.id), self.former.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_for_its_purpose_alone() {
        let key = SealingKey::generate().unwrap();
        let sealer = Sealer::new(&key, &[]).unwrap();
        let sealed = sealer.seal("certificate\0a.example\0#01", b"secret").unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(sealer.open("certificate\0a.example\0#01", &sealed).unwrap().as_slice(), b"secret");
        assert_eq!(
            sealer.open("certificate\0b.example\0#01", &sealed),
            Err(SealFault::Damaged("certificate b.example #01".to_owned()))
        );
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open("certificate\0a.example\0#01", &changed).is_err(), "octet {at}");
            assert!(sealer.open("certificate\0a.example\0#01", &sealed[..at]).is_err(), "cut at {at}");
        }
    }

    #[test]
    fn keys_are_changed_without_a_gap() {
        let (old, new) = (SealingKey::generate().unwrap(), SealingKey::generate().unwrap());
        let sealed = Sealer::new(&old, &[]).unwrap().seal("x", b"secret").unwrap();
        let both = Sealer::new(&new, &[old]).unwrap();
        assert_eq!(both.open("x", &sealed).unwrap().as_slice(), b"secret");
        assert!(!both.is_current(&sealed));
        let again = both.seal("x", b"secret").unwrap();
        assert!(both.is_current(&again));
        let alone = Sealer::new(&new, &[]).unwrap();
        assert_eq!(alone.open("x", &again).unwrap().as_slice(), b"secret");
        assert!(matches!(alone.open("x", &sealed), Err(SealFault::OtherKey { .. })));
    }

    #[test]
    fn a_key_is_read_as_it_is_written_and_never_shown() {
        let key = SealingKey::generate().unwrap();
        let text = key.to_text();
        assert_eq!(SealingKey::read(&text).unwrap().id(), key.id());
        assert!(!format!("{key:?}").contains(text.trim()));
        for wrong in ["", "c2hvcnQ=", "not base64!", &text[..40]] {
            assert_eq!(SealingKey::read(wrong).err(), Some(SealFault::NoKey), "{wrong}");
        }
    }
}
