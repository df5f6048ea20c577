//! Inputs that look enough like the real thing to get past the first octet: seeds from `tests/corpus`, altered.

use std::path::PathBuf;

/// Pieces that the grammars care about.
const PIECES: [&[u8]; 48] = [
    b"v=STSv1;",
    b"v=TLSRPTv1;",
    b"id=",
    b"rua=",
    b";",
    b" ",
    b"\t",
    b"=",
    b",",
    b"\n",
    b"\r\n",
    b"\r",
    b"\r\r\n",
    b"version: STSv1\n",
    b"mode: enforce\n",
    b"mode: none\n",
    b"mx: ",
    b"max_age: ",
    b"604800",
    b"31557601",
    b":",
    b"*.",
    b"*",
    b".",
    b"-",
    b"_",
    b"xn--",
    b"example.com",
    b"mailto:",
    b"https://",
    b"http://",
    b"//",
    b"@",
    b"!10m",
    b"%41",
    b"%",
    b"[::1]",
    b":443",
    b"<",
    b"\"",
    b"\\n",
    b"\xef\xbb\xbf",
    b"\xc2\xa0",
    b"\xe2\x80\x8b",
    b"\xc2\x85",
    b"\xe2\x80\x9c",
    b"\xc3\xbc",
    b"\xff",
];

/// The seeds of one target, in a fixed order.
pub(crate) fn of(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus").join(target);
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let seeds: Vec<_> = files.iter().map(|path| std::fs::read(path).expect("a seed")).collect();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

/// Turns what the fuzzer gives into an input: an even first octet passes the rest on as it is; an odd one reads the rest
/// as a seed to take and changes to make to it.
pub(crate) fn input(seeds: &[Vec<u8>], octets: &[u8]) -> Vec<u8> {
    let Some((first, rest)) = octets.split_first() else { return Vec::new() };
    if first % 2 == 0 {
        return rest.to_vec();
    }
    let Some((choice, changes)) = rest.split_first() else { return Vec::new() };
    let mut text = seeds[usize::from(*choice) % seeds.len()].clone();
    for change in changes.chunks_exact(3).take(12) {
        let [kind, place, what] = change else { continue };
        let at = usize::from(*place) * (text.len() + 1) / 256;
        let piece = PIECES[usize::from(*what) % PIECES.len()];
        match kind % 6 {
            0 => drop(text.splice(at..at, piece.iter().copied())),
            1 => drop(text.splice(at..(at + 1).min(text.len()), [*what])),
            2 => drop(text.drain(at..(at + usize::from(*what) % 8).min(text.len()))),
            3 => text.truncate(at),
            4 => {
                let copy: Vec<_> = text[at..(at + usize::from(*what)).min(text.len())].to_vec();
                drop(text.splice(at..at, copy));
            }
            _ => text.extend_from_slice(&seeds[usize::from(*what) % seeds.len()]),
        }
    }
    text
}
