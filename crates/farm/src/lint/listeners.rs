//! L-30: two listeners at one address.
//!
//! Port 0 takes a free port each time, so it may stand twice.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::Study;
use crate::problem::{Finding, Findings, Place};
use crate::raw::keys::farm as keys;
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
    let mut bound: HashMap<SocketAddr, Place> = HashMap::new();
    for text in listen.iter().chain(admin) {
        let Some(address) = text
            .value
            .parse::<SocketAddr>()
            .ok()
            .filter(|address| address.port() != 0)
        else {
            continue;
        };
        if let Some(first) = bound.get(&address) {
            let message = format!("\"{}\" is bound twice.", text.shown());
            let finding = Finding::error("L-30", text.place, message).related(*first, "here first");
            findings.push(finding.remedy("Remove one of the two, or give it another port."));
            continue;
        }
        bound.insert(address, text.place);
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{clean, finds};

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
