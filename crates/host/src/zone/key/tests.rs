use super::*;

/// Made with `dnssec-keygen -a ECDSAP256SHA256 -f KSK host.test`, for this test alone.
const PRIVATE: &str = include_str!("tests/Khost.test.private");
const PUBLIC: &str = include_str!("tests/Khost.test.key");

#[test]
fn keys_of_dnssec_keygen_are_read() {
    let key = ZoneKey::read(PRIVATE, Some(PUBLIC)).expect("a key");
    assert!(key.is_entry());
    assert_eq!(key.algorithm(), 13);
    // The file's comment has the tag.
    assert!(PUBLIC.contains(&format!("keyid {}", key.tag())), "{}", key.tag());
    let alone = ZoneKey::read(PRIVATE, None).expect("a key");
    assert_eq!((alone.tag(), alone.data()), (key.tag(), key.data()));
    let shown = format!("{key:?}");
    assert_eq!(shown, format!("ZoneKey(ECDSAP256SHA256 {})", key.tag()));
}

#[test]
fn a_key_is_written_and_read_again() {
    let key = ZoneKey::generate().expect("a key");
    let again = ZoneKey::read(&key.secret_text().expect("its secret"), None).expect("the same key");
    assert_eq!(again.data(), key.data());
    let random = SystemRandom::new();
    assert!(key.sign(&random, b"x").is_some_and(|signature| signature.0.len() == 64));
    let ed25519 = "Private-key-format: v1.3\nAlgorithm: 15 (ED25519)\nPrivateKey: AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
    let key = ZoneKey::read(ed25519, None).expect("a key");
    assert_eq!(
        ZoneKey::read(&key.secret_text().expect("its secret"), None).expect("a key").data(),
        key.data()
    );
}

#[test]
fn pem_is_read() {
    for (algorithm, number) in
        [(&ECDSA_P256_SHA256_FIXED_SIGNING, 13), (&ECDSA_P384_SHA384_FIXED_SIGNING, 14)]
    {
        let pair = EcdsaKeyPair::generate(algorithm).expect("a key");
        let der = pair.to_pkcs8v1().expect("its form");
        let pem =
            format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der));
        assert_eq!(ZoneKey::read(&pem, None).expect("a key").algorithm(), number);
    }
}

#[test]
fn what_is_no_key_is_named_and_never_repeated() {
    let other = ZoneKey::generate().expect("a key").secret_text().expect("its secret");
    let wrong = PUBLIC.replace(" 257 ", " 0 ");
    for (secret, public, fault) in [
        ("", None, ZoneKeyFault::Form),
        ("Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\n", None, ZoneKeyFault::Form),
        (
            "Private-key-format: v1.3\nAlgorithm: 13 (ECDSAP256SHA256)\nPrivateKey: AAAA\n",
            None,
            ZoneKeyFault::Form,
        ),
        (
            "Private-key-format: v1.3\nAlgorithm: 8 (RSASHA256)\nModulus: AAAA\n",
            None,
            ZoneKeyFault::Algorithm,
        ),
        ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", None, ZoneKeyFault::Algorithm),
        ("-----BEGIN RSA PRIVATE KEY-----\nAAAA\n", None, ZoneKeyFault::Form),
        (PRIVATE, Some("nothing"), ZoneKeyFault::PublicForm),
        (PRIVATE, Some(wrong.as_str()), ZoneKeyFault::Flags),
        (&other, Some(PUBLIC), ZoneKeyFault::OtherKey),
    ] {
        assert_eq!(ZoneKey::read(secret, public).err(), Some(fault), "{public:?}");
    }
}
