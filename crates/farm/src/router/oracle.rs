//! The slow truth: the routing rules as one sort key per entry, looked up entry by entry.
//!
//! Only tests use it: the table must give the same answer for any set of entries and any request. It shares
//! nothing with the table but the reading of a single entry.

use proptest::prelude::*;

use super::{Entry, Route, Router};
use crate::address::{Address, Authority, HostPattern, Scheme};

/// Greater is more specific; `None` = does not match.
type Specificity = (u8, usize, bool, bool, usize);

fn specificity(address: &Address, asked: &Authority<'_>, path: &str) -> Option<Specificity> {
    let (kind, length) = match address.host() {
        HostPattern::Exact(name) if name == asked.host => (2, name.len()),
        HostPattern::Suffix(suffix) if asked.host.ends_with(&format!(".{suffix}")) => (1, suffix.len()),
        HostPattern::Any => (0, 0),
        _ => return None,
    };
    let https = address.scheme().map(|scheme| scheme == Scheme::Https);
    let port = asked.port.unwrap_or(if asked.https { 443 } else { 80 });
    if https.is_some_and(|https| https != asked.https) || address.port().is_some_and(|wanted| wanted != port)
    {
        return None;
    }
    let decoded: Vec<String> = path
        .split('/')
        .skip(1)
        .map(|raw| raw.replace("%61", "a").replace("%2F", "/"))
        .collect();
    let segments = address.path();
    let fits = decoded
        .get(..segments.len())
        .is_some_and(|front| front == segments);
    fits.then_some((
        kind,
        length,
        address.port().is_some(),
        address.scheme().is_some(),
        segments.len(),
    ))
}

fn best<'a>(addresses: &'a [Address], asked: &Authority<'_>, path: &str) -> Option<(usize, &'a Address)> {
    addresses
        .iter()
        .enumerate()
        .max_by_key(|(_, address)| specificity(address, asked, path))
        .filter(|(_, address)| specificity(address, asked, path).is_some())
}

fn any_entry() -> impl Strategy<Value = String> {
    let scheme = prop_oneof![3 => Just(""), 1 => Just("http://"), 1 => Just("https://")];
    let host = prop_oneof![
        Just("a.b.c"),
        Just("b.c"),
        Just("c"),
        Just("*.b.c"),
        Just("*.c"),
        Just("*"),
        Just("[::1]"),
        Just("10.0.0.1")
    ];
    let port = prop_oneof![3 => Just(""), 1 => Just(":80"), 1 => Just(":443"), 1 => Just(":8001")];
    let path = prop_oneof![3 => Just(""), 1 => Just("/a"), 1 => Just("/a/b"), 1 => Just("/b"), 1 => Just("/a%2Fb"), 1 => Just("/aa")];
    (scheme, host, port, path).prop_map(|(scheme, host, port, path)| format!("{scheme}{host}{port}{path}"))
}

fn any_path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        Just("a"),
        Just("b"),
        Just("%61"),
        Just("a%2Fb"),
        Just("%61a"),
        Just(""),
        Just("x")
    ];
    proptest::collection::vec(segment, 0..4).prop_map(|segments| {
        segments
            .iter()
            .fold(String::new(), |path, segment| path + "/" + segment)
    })
}

fn any_host() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        Just("a.b.c"),
        Just("x.a.b.c"),
        Just("x.b.c"),
        Just("b.c"),
        Just("x.c"),
        Just("c"),
        Just("d"),
        Just("[::1]"),
        Just("10.0.0.1")
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn the_table_agrees_with_trying_every_entry(
        written in proptest::collection::btree_set(any_entry(), 0..24),
        host in any_host(),
        https in any::<bool>(),
        port in prop_oneof![Just(None), Just(Some(80)), Just(Some(443)), Just(Some(8001))],
        path in any_path(),
    ) {
        let addresses: Vec<Address> = written.iter().map(|entry| Address::parse(entry).unwrap()).collect();
        let routes: Vec<Route<'_>> = addresses.iter().enumerate()
            .map(|(wiki, address)| Route { wiki, entry: Entry::Address(0), address })
            .collect();
        let asked = Authority { https, host, port };
        let router = Router::build(routes.iter().copied()).unwrap();
        let found = router.find(&asked, &path);
        let expected = best(&addresses, &asked, &path);
        prop_assert_eq!(found.as_ref().map(|found| found.wiki), expected.map(|(wiki, _)| wiki));
        if let (Some(found), Some((_, address))) = (found, expected) {
            let mount = path.get(..found.base_len).unwrap();
            prop_assert_eq!(mount.matches('/').count(), address.path().len());
            prop_assert!(path.len() == found.base_len || path[found.base_len..].starts_with('/'));
            prop_assert_eq!(found.base, address.base());
        }
        let told = router.explain(&routes, &asked, &path);
        let won: Vec<usize> = told.iter().filter(|one| one.verdict == super::Verdict::Won).map(|one| one.wiki).collect();
        prop_assert_eq!(won, expected.map(|(wiki, _)| wiki).into_iter().collect::<Vec<_>>());
    }
}
