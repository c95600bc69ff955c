//! L-30: two listeners at one address, listeners that lead to no wiki, and addresses that no listener serves.
//!
//! Port 0 takes a free port each time, so it may stand twice. Behind a proxy the ports in `at` are the proxy's, and
//! nothing can be said about a listener's. 0.0.0.0 and [::] stand for every address of the machine.

use std::collections::{HashMap, HashSet};
use std::net::SocketAddr;

use super::Study;
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::{farm as keys, look};
use crate::raw::{Text, Value};

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    let listen: &[Text] = match study.layers.farm(&keys::LISTEN).map(|entry| &entry.value) {
        Some(Value::Texts(texts)) => &texts.items,
        _ => &[],
    };
    // The built-in admin address gives way by itself, so only a written one can clash.
    let admin = study
        .layers
        .raw
        .farm
        .entry(&keys::ADMIN_LISTEN)
        .and_then(|entry| match &entry.value {
            Value::Text(text) => Some(text),
            _ => None,
        });
    lint_unused(study, listen, findings);
    lint_unserved(study, listen, findings);
    let mut bound: HashMap<u16, Vec<(SocketAddr, Place)>> = HashMap::new();
    for text in listen.iter().chain(admin) {
        let Some(address) = text
            .value
            .parse::<SocketAddr>()
            .ok()
            .filter(|address| address.port() != 0)
        else {
            continue;
        };
        let same_port = bound.entry(address.port()).or_default();
        if let Some((other, first)) = same_port.iter().find(|(other, _)| overlap(&address, other)) {
            let message = match address == *other {
                true => format!("\"{}\" is bound twice.", text.shown()),
                false => format!(
                    "\"{}\" and another listener want the same port of the same address, and only one gets it.",
                    text.shown()
                ),
            };
            let finding = Finding::error("L-30", text.place, message).related(*first, "here first");
            findings.push(finding.remedy("Remove one of the two, or give it another port."));
            continue;
        }
        same_port.push((address, text.place));
    }
}

/// Whether the system would refuse one address while the other is bound. [::] takes IPv4 as well, where the system is
/// not told otherwise.
fn overlap(one: &SocketAddr, other: &SocketAddr) -> bool {
    let covers = |one: &SocketAddr, other: &SocketAddr| {
        one.ip().is_unspecified() && (one.is_ipv6() || other.is_ipv4())
    };
    one.ip() == other.ip() || covers(one, other) || covers(other, one)
}

/// Wikis at a port that nobody listens at. A port may be mapped in front of the server, so it is no problem.
fn lint_unserved(study: &Study<'_>, listen: &[Text], findings: &mut Findings) {
    let mut ports: HashSet<u16> = HashSet::new();
    for text in listen {
        // What could not be read has been told.
        let Ok(address) = text.value.parse::<SocketAddr>() else {
            return;
        };
        ports.insert(address.port());
    }
    if ports.contains(&0) || !study.farm.trusted_proxies.is_empty() {
        return;
    }
    for member in study.sound_members(&[&look::AT]) {
        let written = member.settings.items(&look::AT);
        for (address, text) in member.config.at.iter().zip(written) {
            let Some(port) = address.port().filter(|port| !ports.contains(port)) else {
                continue;
            };
            // The port may have come from the environment.
            let port = match &text.written {
                Some(_) => "its port".to_owned(),
                None => format!("port {port}"),
            };
            let message = format!("Nobody comes to \"{}\": no listener has {port}.", text.shown());
            let remedy = "Add a listener with it to `listen` in [farm]; where a proxy in front has that port, name the \
                          proxy in `trusted_proxies`.";
            findings.push(Finding::note("listen", text.place, message).remedy(remedy));
        }
    }
}

/// A listener to which no address can lead: its visitors are told that there is no wiki. Not wrong, since a port can be
/// mapped in front of the server, but seldom meant.
fn lint_unused(study: &Study<'_>, listen: &[Text], findings: &mut Findings) {
    let broken = study.sound_members(&[&look::AT]).count() < study.farm.wikis.len();
    if broken || study.farm.wikis.is_empty() || !study.farm.trusted_proxies.is_empty() {
        return;
    }
    let mut ports = HashSet::new();
    for wiki in &study.farm.wikis {
        for address in wiki.at.iter().chain(&wiki.aliases) {
            ports.insert(address.port());
        }
    }
    if ports.contains(&None) {
        return;
    }
    for text in listen {
        let port = text.value.parse::<SocketAddr>().map(|address| address.port());
        let Some(port) = port
            .ok()
            .filter(|port| *port != 0 && !ports.contains(&Some(*port)))
        else {
            continue;
        };
        let message = format!(
            "Who comes to \"{}\" finds no wiki: no address has port {port}, and all have one.",
            text.shown()
        );
        let place = match study.layers.raw.farm.entry(&keys::LISTEN) {
            Some(_) => text.place,
            None => study
                .layers
                .raw
                .wikis
                .iter()
                .next()
                .map_or(text.place, |wiki| wiki.place),
        };
        let remedy =
            format!("Give a wiki an address with port {port} or without a port, or listen elsewhere.");
        findings.push(Finding::note("listen", place, message).remedy(remedy));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds, notes};

    #[test]
    fn a_listener_that_no_address_leads_to_is_told() {
        let farm = |listen: &str, at: &str| format!("[farm]\nlisten = [{listen}]\n[wiki.a]\nat = [{at}]\n");
        let told = notes(
            "listen",
            &farm("\"127.0.0.1:81\", \"127.0.0.1:82\"", "\"a.org:81\""),
        );
        assert_eq!((told.len(), told[0].line), (1, 2));
        assert!(told[0].message.contains("127.0.0.1:82"), "{}", told[0].message);
        for fine in [
            farm("\"127.0.0.1:81\", \"127.0.0.1:82\"", "\"a.org:81\", \"a.org\""),
            farm("\"127.0.0.1:0\"", "\"a.org:81\""),
            farm(
                "\"127.0.0.1:81\", \"127.0.0.1:82\"",
                "\"a.org:81\"]\naliases = [\"a.org:82\"",
            ),
            farm(
                "\"127.0.0.1:82\"]\ntrusted_proxies = [\"127.0.0.1\"",
                "\"a.org:81\"",
            ),
            "[farm]\nlisten = [\"127.0.0.1:82\"]\n".to_owned(),
        ] {
            assert!(notes("listen", &fine).is_empty(), "{fine}");
        }
        let built_in = notes("listen", "[wiki.a]\nat = [\"a.org:81\"]\n");
        assert!(
            built_in[0].message.contains("127.0.0.1:8080"),
            "{}",
            built_in[0].message
        );
    }

    #[test]
    fn a_wiki_at_a_port_that_nobody_listens_at_is_told_and_no_problem() {
        let farm = |farm: &str, at: &str| format!("[farm]\n{farm}\n[wiki.a]\nat = [\"a.org\", {at}]\n");
        let listen = "listen = [\"127.0.0.1:81\"]";
        let told = notes("listen", &farm(listen, "\"a.org:82\""));
        assert_eq!((told.len(), told[0].line), (1, 4), "{told:?}");
        assert!(told[0].message.contains("no listener has port 82"), "{told:?}");
        for fine in [
            farm(listen, "\"a.org:81\""),
            farm("listen = [\"127.0.0.1:0\"]", "\"a.org:82\""),
            farm(
                &format!("{listen}\ntrusted_proxies = [\"127.0.0.1\"]"),
                "\"a.org:82\"",
            ),
        ] {
            assert!(notes("listen", &fine).is_empty(), "{fine}");
        }
    }

    #[test]
    fn a_listener_at_every_address_takes_the_port_of_each() {
        for pair in [
            "\"127.0.0.1:80\", \"0.0.0.0:80\"",
            "\"0.0.0.0:80\", \"127.0.0.1:80\"",
            "\"[::]:80\", \"0.0.0.0:80\"",
            "\"[::]:80\", \"127.0.0.1:80\"",
        ] {
            finds("L-30", &format!("[farm]\nlisten = [{pair}]"));
        }
        clean("[farm]\nlisten = [\"0.0.0.0:80\", \"[::1]:80\", \"127.0.0.1:81\"]");
    }

    #[test]
    fn a_listener_that_stands_twice_is_an_error() {
        finds("L-30", "[farm]\nlisten = [\"127.0.0.1:80\", \"127.0.0.1:80\"]");
        clean("[farm]\nlisten = [\"127.0.0.1:80\", \"[::1]:80\", \"127.0.0.1:81\"]");
    }

    #[test]
    fn a_written_admin_listener_clashes_and_the_built_in_one_gives_way() {
        finds(
            "L-30",
            "[farm]\nlisten = [\"127.0.0.1:80\"]\nadmin_listen = \"127.0.0.1:80\"",
        );
        clean("[farm]\nlisten = [\"127.0.0.1:8079\"]");
    }

    #[test]
    fn free_ports_do_not_clash() {
        clean("[farm]\nlisten = [\"127.0.0.1:0\", \"127.0.0.1:0\"]\nadmin_listen = \"127.0.0.1:0\"");
    }
}
