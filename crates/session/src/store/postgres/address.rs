//! The address of a PostgreSQL store: a URL and a table's name, checked before anything is opened.
//!
//! The URL is PostgreSQL's own (`postgres://USER:PASSWORD@HOST:PORT/DATABASE?…`); `sslmode` and
//! `sslrootcert` mean here what they mean to its own programs. No error repeats any part of the URL:
//! where a password begins in one that cannot be read, nobody knows.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use percent_encoding::percent_decode_str;
use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// PostgreSQL cuts longer names off, and the longest ending of ours must fit behind.
const MAX_TABLE_BYTES: usize = 63 - GENERATIONS_ENDING.len();

const DEFAULT_PORT: u16 = 5432;

/// What is put behind the table's name for the table of kills.
pub(super) const GENERATIONS_ENDING: &str = "_generations";

/// Why there can be no store at an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PostgresAddressError {
    /// It begins otherwise.
    #[error("the address of a PostgreSQL store begins with postgres:// or postgresql://")]
    OtherScheme,
    /// Its parts cannot be told.
    #[error(
        "the address of the PostgreSQL store cannot be read; write \
         postgres://USER:PASSWORD@HOST:PORT/DATABASE, a / @ : ? # or % in the password as %2F %40 %3A %3F %23 %25"
    )]
    Unreadable,
    /// It names no server.
    #[error(
        "the address of the PostgreSQL store names no host; write postgres://USER:PASSWORD@HOST/DATABASE"
    )]
    NoHost,
    /// `sslmode` has a value that nobody knows.
    #[error("sslmode is disable, prefer, require, verify-ca or verify-full")]
    SslMode,
    /// `sslrootcert` without a check of certificates.
    #[error("sslrootcert is used with sslmode=verify-ca or sslmode=verify-full only")]
    UselessRootCertificate,
    /// The table cannot have that name.
    #[error(
        "a table of sessions has a name of 1 to {MAX_TABLE_BYTES} bytes that does not end in \
         {GENERATIONS_ENDING}, this one is {0:?}"
    )]
    TableName(String),
}

/// Where a PostgreSQL database is, and how it is reached.
#[derive(Clone)]
pub struct PostgresAddress {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

/// Which servers are believed to be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trust {
    /// Whoever answers, encrypted or not: what `sslmode` says less about than `verify-ca`.
    Anybody,
    /// Whom an authority has signed, under whatever name.
    Signed(Authorities),
    /// Whom an authority has signed for the host in the address.
    SignedForHost(Authorities),
}

/// Who signs certificates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorities {
    /// The machine's.
    OfTheSystem,
    /// Those in a PEM file.
    InFile(PathBuf),
}

impl PostgresAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// * [`PostgresAddressError`] says what is wrong and repeats nothing of the URL.
    pub fn parse(url: &str) -> Result<PostgresAddress, PostgresAddressError> {
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(PostgresAddressError::OtherScheme);
        }
        let (rest, tls) = take_tls_options(url)?;
        let mut config = Config::from_str(&rest).map_err(|_| PostgresAddressError::Unreadable)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(PostgresAddressError::NoHost);
        }
        let (mode, trust) = tls.meaning()?;
        config.ssl_mode(mode);
        if config.get_application_name().is_none() {
            config.application_name("grange");
        }
        Ok(PostgresAddress { config, trust })
    }

    /// The address without credentials and without how it is reached: equal for equal databases and schemas.
    pub fn identity(&self) -> String {
        let config = &self.config;
        let ports = config.get_ports();
        // One port counts for all hosts.
        let port = |index: usize| {
            ports
                .get(index)
                .or(ports.first())
                .copied()
                .unwrap_or(DEFAULT_PORT)
        };
        let mut servers: Vec<String> = self
            .hosts()
            .enumerate()
            .map(|(index, host)| format!("{}:{}", host.to_lowercase(), port(index)))
            .collect();
        servers.sort();
        let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
        let schema = config.get_options().map(|options| format!("?{options}"));
        format!(
            "postgres://{}/{database}{}",
            servers.join(","),
            schema.unwrap_or_default()
        )
    }

    /// Whether the way there is surely encrypted, and not only where the server offers it.
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    /// Whether it is made sure who answers.
    pub fn is_verified(&self) -> bool {
        self.trust != Trust::Anybody
    }

    /// Whether a password is sent.
    pub fn has_password(&self) -> bool {
        self.config
            .get_password()
            .is_some_and(|password| !password.is_empty())
    }

    /// Whether every server is this machine.
    pub fn is_loopback(&self) -> bool {
        self.hosts().all(|host| {
            let ip = host.parse::<IpAddr>();
            host.starts_with('/') || host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
        })
    }

    fn hosts(&self) -> impl Iterator<Item = String> {
        let addresses = self.config.get_hostaddrs().iter().map(IpAddr::to_string);
        let names = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        // Where both are written, the names only serve to check certificates.
        let count = self.config.get_hostaddrs().len();
        addresses.chain(names.skip(count))
    }
}

impl fmt::Debug for PostgresAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PostgresAddress({})", self.identity())
    }
}

/// Checks that a table can have this name.
pub(super) fn check_table(name: &str) -> Result<(), PostgresAddressError> {
    let fits = (1..=MAX_TABLE_BYTES).contains(&name.len());
    if fits && !name.contains('\0') && !name.ends_with(GENERATIONS_ENDING) {
        Ok(())
    } else {
        Err(PostgresAddressError::TableName(name.to_owned()))
    }
}

#[derive(Default)]
struct TlsOptions {
    mode: Option<String>,
    root_certificate: Option<PathBuf>,
}

impl TlsOptions {
    fn meaning(self) -> Result<(SslMode, Trust), PostgresAddressError> {
        let authorities = match self.root_certificate {
            Some(path) => Authorities::InFile(path),
            None => Authorities::OfTheSystem,
        };
        let meaning = match self.mode.as_deref() {
            Some("disable") => (SslMode::Disable, Trust::Anybody),
            None | Some("prefer") => (SslMode::Prefer, Trust::Anybody),
            Some("require") => (SslMode::Require, Trust::Anybody),
            Some("verify-ca") => (SslMode::Require, Trust::Signed(authorities.clone())),
            Some("verify-full") => (SslMode::Require, Trust::SignedForHost(authorities.clone())),
            Some(_) => return Err(PostgresAddressError::SslMode),
        };
        match (&meaning.1, &authorities) {
            // A file of authorities that nobody looks at would be a false comfort.
            (Trust::Anybody, Authorities::InFile(_)) => Err(PostgresAddressError::UselessRootCertificate),
            _ => Ok(meaning),
        }
    }
}

/// Takes the options that are ours out of a URL: what is left is the driver's.
fn take_tls_options(url: &str) -> Result<(String, TlsOptions), PostgresAddressError> {
    let mut options = TlsOptions::default();
    let Some((front, query)) = url.rsplit_once('?').filter(|(_, query)| !query.contains('@')) else {
        return Ok((url.to_owned(), options));
    };
    let mut others = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        match name {
            "sslmode" => options.mode = Some(value.to_owned()),
            "sslrootcert" => {
                let path = percent_decode_str(value)
                    .decode_utf8()
                    .map_err(|_| PostgresAddressError::Unreadable)?;
                // libpq's word for the authorities of the machine.
                options.root_certificate = (path != "system").then(|| PathBuf::from(&*path));
            }
            _ => others.push(pair),
        }
    }
    let rest = match others.as_slice() {
        [] => front.to_owned(),
        others => format!("{front}?{}", others.join("&")),
    };
    Ok((rest, options))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<PostgresAddress, PostgresAddressError> {
        PostgresAddress::parse(url)
    }

    #[test]
    fn sslmode_means_what_it_means_to_postgresql() {
        let file = || Authorities::InFile("/etc/our ca.pem".into());
        for (options, mode, trust) in [
            ("", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=disable", SslMode::Disable, Trust::Anybody),
            ("?sslmode=prefer", SslMode::Prefer, Trust::Anybody),
            ("?sslmode=require", SslMode::Require, Trust::Anybody),
            (
                "?sslmode=verify-full",
                SslMode::Require,
                Trust::SignedForHost(Authorities::OfTheSystem),
            ),
            (
                "?sslrootcert=/etc/our%20ca.pem&sslmode=verify-full&application_name=x",
                SslMode::Require,
                Trust::SignedForHost(file()),
            ),
            (
                "?sslmode=verify-ca&sslrootcert=/etc/our%20ca.pem",
                SslMode::Require,
                Trust::Signed(file()),
            ),
            (
                "?sslmode=verify-full&sslrootcert=system",
                SslMode::Require,
                Trust::SignedForHost(Authorities::OfTheSystem),
            ),
        ] {
            let address = parse(&format!("postgres://u:p@h/d{options}")).unwrap();
            assert_eq!(
                (address.config.get_ssl_mode(), address.trust),
                (mode, trust),
                "{options}"
            );
        }
    }

    #[test]
    fn what_the_url_says_besides_reaches_the_driver() {
        let address =
            parse("postgresql://u:a%40b@h1,h2:6000/d?sslmode=disable&target_session_attrs=read-write");
        let config = address.unwrap().config;
        assert_eq!(config.get_password(), Some(&b"a@b"[..]));
        assert_eq!((config.get_dbname(), config.get_hosts().len()), (Some("d"), 2));
        assert_eq!(config.get_application_name(), Some("grange"));
        assert_eq!(
            config.get_target_session_attrs(),
            tokio_postgres::config::TargetSessionAttrs::ReadWrite
        );
    }

    #[test]
    fn equal_databases_have_equal_identities_without_credentials() {
        for (url, identity) in [
            ("postgres://u:hushhush@H/d", "postgres://h:5432/d"),
            (
                "postgresql://other@h:5432/d?sslmode=verify-full",
                "postgres://h:5432/d",
            ),
            ("postgres://u:hushhush@h/", "postgres://h:5432/u"),
            ("postgres://u@b:1,a:2/d", "postgres://a:2,b:1/d"),
            (
                "postgres://u@/d?host=/run/postgresql",
                "postgres:///run/postgresql:5432/d",
            ),
            (
                "postgres://u@h/d?options=-csearch_path%3Dx",
                "postgres://h:5432/d?-csearch_path=x",
            ),
            (
                "postgres://u@name/d?hostaddr=127.0.0.1",
                "postgres://127.0.0.1:5432/d",
            ),
        ] {
            let address = parse(url).unwrap();
            assert_eq!(address.identity(), identity, "{url}");
            assert!(!format!("{address:?}").contains("hushhush"));
        }
    }

    #[test]
    fn what_lints_ask_is_answered() {
        let local = |url: &str| parse(url).unwrap().is_loopback();
        assert!(local("postgres://u@localhost/d") && local("postgres://u@[::1]/d"));
        assert!(local("postgres://u@%2Frun%2Fpostgresql/d"));
        assert!(!local("postgres://u@localhost,h/d"));
        let address = parse("postgres://u:p@h/d?sslmode=require").unwrap();
        assert!(address.is_encrypted() && address.has_password() && !address.is_verified());
        let address = parse("postgres://u@h/d").unwrap();
        assert!(!address.is_encrypted() && !address.has_password());
        assert!(
            parse("postgres://u@h/d?sslmode=verify-full")
                .unwrap()
                .is_verified()
        );
    }

    #[test]
    fn a_question_mark_in_a_password_begins_no_options() {
        let config = parse("postgres://u:sslmode?sslmode=x@h/d").unwrap().config;
        assert_eq!(config.get_password(), Some(&b"sslmode?sslmode=x"[..]));
    }

    #[test]
    fn an_address_that_cannot_be_used_is_refused_without_repeating_it() {
        for (url, expected) in [
            ("mysql://u:hushhush@h/d", PostgresAddressError::OtherScheme),
            ("postgres:///d", PostgresAddressError::NoHost),
            ("postgres://u:hushhush@h:port/d", PostgresAddressError::Unreadable),
            (
                "postgres://u:hushhush@h/d?hushhush=1",
                PostgresAddressError::Unreadable,
            ),
            (
                "postgres://u:hushhush@h/d?sslmode=hushhush",
                PostgresAddressError::SslMode,
            ),
            (
                "postgres://u:hushhush@h/d?sslmode=require&sslrootcert=/hushhush",
                PostgresAddressError::UselessRootCertificate,
            ),
        ] {
            let Err(error) = parse(url) else {
                panic!("{url} is taken");
            };
            assert_eq!(error, expected, "{url}");
            assert!(!format!("{error} {error:?}").contains("hushhush"), "{error}");
        }
    }

    #[test]
    fn a_table_name_that_postgresql_would_cut_off_is_refused() {
        assert_eq!(check_table("grange-session"), Ok(()));
        assert_eq!(check_table("a \"quoted\" Ω"), Ok(()));
        assert_eq!(check_table(&"x".repeat(51)), Ok(()));
        for name in ["", "a\0b", "x_generations", &"x".repeat(52)] {
            assert_eq!(
                check_table(name),
                Err(PostgresAddressError::TableName(name.into()))
            );
        }
    }
}
