//! Claims about ids, properties of their parser included.
//!
//! Which cookie an id comes from is told in the cookie's tests.

use proptest::prelude::*;

use super::*;
use crate::random::SystemRandomness;

fn secrets() -> Secrets {
    Secrets::parse(&Secrets::generate_line(&SystemRandomness)).unwrap()
}

fn realm(name: &str) -> Realm {
    Realm::new(name, "grange-session", "/s", "/u")
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(1_790_000_000_123).unwrap()
}

#[test]
fn an_id_verifies_and_remembers_when_it_was_issued() {
    let signer = IdSigner::new(&secrets(), &realm("a"));
    let id = signer.issue(now(), &SystemRandomness);
    let back = signer.verify(id.text().as_bytes()).unwrap();
    assert_eq!(back, id);
    assert_eq!(back.key().issued(), now());
}

#[test]
fn an_id_has_four_fields_with_256_random_bits() {
    let id = IdSigner::new(&secrets(), &realm("a")).issue(now(), &SystemRandomness);
    let fields: Vec<&str> = id.text().split('.').collect();
    assert_eq!(fields.len(), 4);
    assert_eq!(
        (fields[0], fields[1].len(), fields[2], fields[3].len()),
        ("v1", 43, "1790000000123", 43)
    );
}

#[test]
fn two_ids_of_one_moment_differ() {
    let signer = IdSigner::new(&secrets(), &realm("a"));
    assert_ne!(
        signer.issue(now(), &SystemRandomness),
        signer.issue(now(), &SystemRandomness)
    );
}

#[test]
fn an_id_of_another_realm_or_secret_does_not_verify() {
    let secrets_of_farm = secrets();
    let id = IdSigner::new(&secrets_of_farm, &realm("a")).issue(now(), &SystemRandomness);
    assert!(
        IdSigner::new(&secrets_of_farm, &realm("b"))
            .verify(id.text().as_bytes())
            .is_none()
    );
    assert!(
        IdSigner::new(&secrets(), &realm("a"))
            .verify(id.text().as_bytes())
            .is_none()
    );
}

#[test]
fn after_a_new_secret_is_put_on_top_old_ids_verify_and_new_ids_use_the_new_one() {
    let (old, new) = (
        Secrets::generate_line(&SystemRandomness),
        Secrets::generate_line(&SystemRandomness),
    );
    let before = IdSigner::new(&Secrets::parse(&old).unwrap(), &realm("a"));
    let during = IdSigner::new(&Secrets::parse(&format!("{new}\n{old}")).unwrap(), &realm("a"));
    let after = IdSigner::new(&Secrets::parse(&new).unwrap(), &realm("a"));
    let old_id = before.issue(now(), &SystemRandomness);
    let new_id = during.issue(now(), &SystemRandomness);
    assert!(during.verify(old_id.text().as_bytes()).is_some());
    assert!(after.verify(old_id.text().as_bytes()).is_none());
    assert!(after.verify(new_id.text().as_bytes()).is_some());
    assert!(before.verify(new_id.text().as_bytes()).is_none());
}

#[test]
fn the_store_key_is_the_hash_of_the_id_and_prints_neither() {
    let id = IdSigner::new(&secrets(), &realm("a")).issue(now(), &SystemRandomness);
    assert_eq!(id.key().to_hex(), to_hex(&Sha256::digest(id.text().as_bytes())));
    let printed = format!("{id:?} {:?}", id.key());
    assert!(!printed.contains(id.text().split('.').nth(1).unwrap()));
    assert!(!printed.contains(&id.key().to_hex()[..4]), "{printed}");
}

#[test]
fn what_people_see_of_a_session_is_eight_digits_that_only_the_farm_can_make() {
    let (ours, theirs) = (secrets(), secrets());
    let id = IdSigner::new(&ours, &realm("a")).issue(now(), &SystemRandomness);
    let other = IdSigner::new(&ours, &realm("a")).issue(now(), &SystemRandomness);
    let label = id.key().label(&ours);
    assert!(label.len() == 8 && label.bytes().all(|byte| byte.is_ascii_hexdigit()));
    assert_eq!(label, id.key().label(&ours));
    assert_ne!(label, other.key().label(&ours));
    assert_ne!(
        label,
        id.key().label(&theirs),
        "logs of two farms cannot be joined"
    );
    assert!(
        !id.key().to_hex().contains(&label),
        "nor a log with a store that leaked"
    );
}

#[test]
fn other_spellings_of_an_id_do_not_verify() {
    let signer = IdSigner::new(&secrets(), &realm("a"));
    let id = signer.issue(now(), &SystemRandomness);
    let text = id.text();
    let zero = text.replace(".179", ".0179");
    let signed = text.replace(".179", ".+179");
    let spellings = [
        format!("{text}="),
        format!("{text}."),
        format!(".{text}"),
        format!(" {text}"),
        text.to_uppercase(),
        text.replacen("v1", "v2", 1),
        text.replacen("v1", "V1", 1),
        zero,
        signed,
    ];
    for spelling in spellings {
        assert!(signer.verify(spelling.as_bytes()).is_none(), "{spelling}");
    }
}

#[test]
fn a_last_character_with_stray_bits_is_refused() {
    let signer = IdSigner::new(&secrets(), &realm("a"));
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let id = signer.issue(now(), &SystemRandomness);
    let (front, last) = id.text().split_at(id.text().len() - 1);
    for other in alphabet.chars().filter(|c| !last.contains(*c)) {
        assert!(signer.verify(format!("{front}{other}").as_bytes()).is_none());
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_parser_panic_or_verify(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(IdSigner::new(&secrets(), &realm("a")).verify(&bytes).is_none());
    }

    #[test]
    fn nothing_shaped_like_an_id_verifies_unsigned(
        text in "v1\\.[A-Za-z0-9_-]{43}\\.[1-9][0-9]{0,16}\\.[A-Za-z0-9_-]{43}",
    ) {
        prop_assert!(IdSigner::new(&secrets(), &realm("a")).verify(text.as_bytes()).is_none());
    }

    #[test]
    fn a_changed_byte_anywhere_voids_the_id(place in 0usize..104, change in 1u8..=255) {
        let signer = IdSigner::new(&secrets(), &realm("a"));
        let mut bytes = signer.issue(now(), &SystemRandomness).text().as_bytes().to_vec();
        prop_assume!(place < bytes.len());
        bytes[place] ^= change;
        prop_assert!(signer.verify(&bytes).is_none());
    }
}

#[test]
fn a_handle_names_its_key_and_nothing_else_is_one() {
    let id = IdSigner::new(&secrets(), &realm("a")).issue(now(), &SystemRandomness);
    let handle = id.key().handle();
    assert_eq!(StoreKey::from_handle(&handle), Some(*id.key()));
    assert!(!handle.contains(id.text()) && !id.text().contains(&handle));
    let junk = [
        "",
        ".",
        "0a.5",
        "é.5",
        &handle[1..],
        &handle[..64],
        &format!("{handle}x"),
    ];
    for junk in junk {
        assert_eq!(StoreKey::from_handle(junk), None, "{junk}");
    }
    let signs = format!("{}.5", "+a".repeat(32));
    assert_eq!(StoreKey::from_handle(&signs), None);
}
