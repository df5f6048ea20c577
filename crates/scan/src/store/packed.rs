//! What is kept compressed: names, answers, evidence.

use std::io::{Read as _, Write as _};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use outside::Swept;
use protocol::Domain;
use protocol::observed::Evidence;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ScanError;

/// The largest thing that is unpacked. A chunk's answers are bounded by the sweep, a piece of evidence by the limits
/// of a look; what is larger was not written by us.
const LARGEST: u64 = 256 << 20;

pub(super) fn pack_names(names: &[&Domain]) -> Result<Vec<u8>, ScanError> {
    let lines: Vec<&str> = names.iter().map(|name| name.as_str()).collect();
    pack(lines.join("\n").as_bytes())
}

pub(super) fn unpack_names<T: FromIterator<Domain>>(packed: &[u8]) -> Result<T, ScanError> {
    let text = String::from_utf8(unpack(packed)?).map_err(damaged)?;
    text.lines().map(|line| Domain::parse(line).map_err(damaged)).collect()
}

pub(super) fn pack_answers(answers: &[Swept]) -> Result<Vec<u8>, ScanError> {
    pack_json(answers)
}

pub(super) fn unpack_answers(packed: &[u8]) -> Result<Vec<Swept>, ScanError> {
    unpack_json(packed)
}

pub(super) fn pack_evidence(evidence: &Evidence) -> Result<Vec<u8>, ScanError> {
    pack_json(evidence)
}

pub(super) fn unpack_evidence(packed: &[u8]) -> Result<Evidence, ScanError> {
    unpack_json(packed)
}

pub(super) fn pack_text(text: &str) -> Result<Vec<u8>, ScanError> {
    pack(text.as_bytes())
}

pub(super) fn unpack_text(packed: &[u8]) -> Result<String, ScanError> {
    String::from_utf8(unpack(packed)?).map_err(damaged)
}

pub(super) fn damaged(why: impl std::fmt::Display) -> ScanError {
    ScanError::Damaged(why.to_string())
}

pub(super) fn pack_json<T: Serialize + ?Sized>(value: &T) -> Result<Vec<u8>, ScanError> {
    // Whole: the encoder is slow with many small pieces.
    pack(&serde_json::to_vec(value).map_err(damaged)?)
}

pub(super) fn unpack_json<T: DeserializeOwned>(packed: &[u8]) -> Result<T, ScanError> {
    serde_json::from_slice(&unpack(packed)?).map_err(damaged)
}

fn pack(octets: &[u8]) -> Result<Vec<u8>, ScanError> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(octets)?;
    Ok(encoder.finish()?)
}

fn unpack(packed: &[u8]) -> Result<Vec<u8>, ScanError> {
    let mut octets = Vec::new();
    DeflateDecoder::new(packed).take(LARGEST).read_to_end(&mut octets).map_err(damaged)?;
    Ok(octets)
}
