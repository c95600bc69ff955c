//! L-31: sessions in a server elsewhere. What the URL says is here; what the server says of itself is asked when it
//! can be reached (`advice.rs`).

use grange_session::{PostgresAddress, RedisAddress};

use super::{Member, Study};
use crate::check::{ServerAddress, StorePlace};
use crate::problem::{Finding, Findings};
use crate::raw::keys::places;

pub(super) fn lint(study: &Study<'_>, findings: &mut Findings) {
    for member in study.sound_members(&[&places::SESSION_STORE]) {
        if let StorePlace::Server(server) = &member.config.session_store {
            lint_way(&member, server.address(), findings);
        }
    }
}

fn lint_way(member: &Member<'_>, address: &ServerAddress, findings: &mut Findings) {
    match address {
        ServerAddress::Redis(_, address) if !address.is_loopback() => lint_redis(member, address, findings),
        ServerAddress::Postgres(address) if !address.is_loopback() => {
            lint_postgres(member, address, findings)
        }
        _ => {}
    }
}

fn lint_postgres(member: &Member<'_>, address: &PostgresAddress, findings: &mut Findings) {
    if address.is_encrypted() && address.is_verified() {
        return;
    }
    let place = member.settings.place(&places::SESSION_STORE);
    let way = match address.is_encrypted() {
        true => "to whoever answers in the name of a PostgreSQL",
        false => "perhaps unencrypted to a PostgreSQL",
    };
    let message = format!(
        "Wiki \"{}\": sessions travel {way} on another machine.",
        member.config.id
    );
    let finding = Finding::warning("L-31", place, message);
    findings.push(finding.remedy(
        "Add sslmode=verify-full to the URL, and sslrootcert=/FILE.pem for an authority of your own.",
    ));
}

fn lint_redis(member: &Member<'_>, address: &RedisAddress, findings: &mut Findings) {
    let place = member.settings.place(&places::SESSION_STORE);
    if !address.is_encrypted() {
        let message = format!(
            "Wiki \"{}\": sessions travel unencrypted to a Redis on another machine.",
            member.config.id
        );
        let finding = Finding::warning("L-31", place, message);
        findings.push(finding.remedy("Write rediss:// and give that Redis a certificate (tls-port)."));
    }
    if !address.has_password() && !address.has_certificate() {
        let message = format!(
            "Wiki \"{}\": the Redis on another machine wants no password, so whoever reaches it can log in as anybody.",
            member.config.id
        );
        let finding = Finding::warning("L-31", place, message);
        findings.push(finding.remedy(
            "Set requirepass there, and write the password as `redis://:${REDIS_PASSWORD}@…`, from the environment.",
        ));
    }
}

#[cfg(test)]
mod tests {
    use crate::lint::testing::{check_with, count};

    fn farm(url: &str) -> String {
        format!("[wiki.a]\nat = [\"a.example.org\"]\nsession_store = \"{url}\"\n")
    }

    #[test]
    fn a_server_elsewhere_without_tls_or_password_is_warned_about() {
        for (url, warnings) in [
            ("redis://db.example.org", 2),
            ("redis://:pw@db.example.org", 1),
            ("rediss://db.example.org", 1),
            ("rediss://:pw@db.example.org", 0),
            ("rediss://db.example.org?cert=/c.pem&key=/k.pem", 0),
            ("redis://127.0.0.1", 0),
            ("redis://localhost,[::1]:7000", 0),
            ("redis://localhost,10.0.0.1", 2),
            ("postgres://u:pw@db.example.org/d", 1),
            ("postgres://u:pw@db.example.org/d?sslmode=require", 1),
            ("postgres://u:pw@db.example.org/d?sslmode=verify-full", 0),
            ("postgres://u:pw@127.0.0.1/d", 0),
        ] {
            assert_eq!(count("L-31", &farm(url)), warnings, "{url}");
        }
    }

    #[test]
    fn a_password_stands_in_no_problem() {
        let environment = std::collections::BTreeMap::from([("PW".to_owned(), "plums".to_owned())]);
        for url in [
            "redis://:plums@db",
            "redis://:${PW}@db",
            "redis://:plums@db/x",
            "redis://:${PW}@db/x",
            "postgres://u:plums@db/d",
            "postgres://u@db/d?password=plums",
            "postgres://u:${PW}@db/d?sslmode=x",
        ] {
            let loaded = check_with(&farm(url), &environment);
            let shown = crate::render_problems(&loaded.problems, &loaded.sources);
            assert!(!loaded.problems.is_empty() && !shown.contains("plums"), "{shown}");
        }
    }
}
