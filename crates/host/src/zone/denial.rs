//! That there is no such name, or no such record, said with a signature (RFC 9824).

use domain::base::iana::Rtype;
use domain::rdata::dnssec::RtypeBitmap;

use super::name::{Asked, MAX_WIRE};
use super::set::{Data, Sets};

/// The label with which the next name after a name begins that one could be (RFC 9824 §3.1).
const FIRST_BELOW: [u8; 2] = [1, 0];

/// The data of the NSEC record that says which sets a name has; `None` for no name at all. Signed when it is asked for,
/// it covers no other name: nobody can list the zone with it.
///
/// `None` when there is no room below the name for the one that comes next.
pub(super) fn nsec(name: Asked<'_>, sets: Option<&Sets<'_>>) -> Option<Data> {
    let mut next = Vec::with_capacity(name.wire().len() + 2 + 40);
    next.extend_from_slice(&FIRST_BELOW);
    next.extend_from_slice(name.wire());
    if next.len() > MAX_WIRE {
        return None;
    }
    let mut types = RtypeBitmap::<Vec<u8>>::builder();
    let own = match sets {
        // RFC 9824 §3.2: the type that says that there is no such name.
        None => Some(Rtype::NXNAME),
        Some(_) => None,
    };
    let present = sets.into_iter().flat_map(Sets::iter).map(|set| set.rtype);
    for rtype in present.chain(own).chain([Rtype::RRSIG, Rtype::NSEC]) {
        // It cannot fail: a vector takes whatever comes.
        types.add(rtype).ok()?;
    }
    next.extend_from_slice(types.finalize().as_slice());
    Some(next.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::zone::name::wire;
    use crate::zone::set::OwnedSet;

    #[test]
    fn a_name_that_is_not_there() {
        let name = wire("a.test").expect("a name");
        let nsec = nsec(Asked::of(&name), None).expect("there is room");
        assert_eq!(
            &*nsec,
            b"\x01\x00\x01a\x04test\x00\x00\x11\0\0\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\x80".as_slice()
        );
    }

    #[test]
    fn a_name_with_records() {
        let name = wire("a.test").expect("a name");
        let owned =
            [OwnedSet::new(Rtype::CAA, 1, vec![[0].into()]), OwnedSet::new(Rtype::A, 1, vec![[0].into()])];
        let mut sets = Sets::default();
        sets.extend(&owned);
        let nsec = nsec(Asked::of(&name), Some(&sets)).expect("there is room");
        let types = RtypeBitmap::from_octets(&nsec[10..]).expect("types");
        let types: Vec<Rtype> = types.iter().collect();
        assert_eq!(types, [Rtype::A, Rtype::RRSIG, Rtype::NSEC, Rtype::CAA]);
    }

    #[test]
    fn no_room_no_proof() {
        let name = wire(&"abc.".repeat(63)).expect("a name");
        assert!(nsec(Asked::of(&name), None).is_some());
        let longest = [b"\x01a".as_slice(), &name].concat();
        assert_eq!(longest.len(), MAX_WIRE);
        assert!(nsec(Asked::of(&longest), None).is_none());
    }
}
