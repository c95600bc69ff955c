//! The address of a Redis: `redis://[USER[:PASSWORD]@]HOST[:PORT][,HOST[:PORT]…][/DB][?OPTION=VALUE&…]`.
//!
//! `rediss://` is TLS. Several hosts, or `cluster=true`, are a cluster. `ca`, `cert` and `key` name PEM
//! files: the authority to trust instead of the system's, and a certificate of ours. The password is
//! shown nowhere: no error quotes the address (who forgot an `@` wrote the password elsewhere), and `Debug` leaves it out.

use std::fmt;
use std::path::PathBuf;

use percent_encoding::percent_decode_str;

/// The port where none is written.
const DEFAULT_PORT: u16 = 6379;

/// Where a Redis is, and how it is reached.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisAddress {
    pub(super) nodes: Vec<Node>,
    pub(super) kind: Kind,
    pub(super) transport: Transport,
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    pub(super) database: u32,
}

/// One server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) host: String,
    pub(super) port: u16,
}

/// Whether keys are spread over several servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Single,
    Cluster,
}

/// How bytes travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Transport {
    Plain,
    Tls(TlsFiles),
}

/// PEM files; what is absent is the system's or not shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TlsFiles {
    pub(super) authority: Option<PathBuf>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) key: Option<PathBuf>,
}

/// Why a text is no address of a Redis. Nothing of the address is quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedisAddressError {
    /// It begins with something else.
    #[error("the address of a Redis begins with redis:// or rediss://")]
    Scheme,
    /// A host is missing or is no host name.
    #[error("a host is missing or is none; write HOST or HOST:PORT, an IPv6 address in brackets")]
    Host,
    /// The user or the password is not percent-encoded as it should be.
    #[error("user or password cannot be read; write what is not a letter or a digit as %XX")]
    Credentials,
    /// The path is not the number of a database.
    #[error("what stands behind the host is no database; write a number such as /0")]
    Database,
    /// A cluster has only database 0.
    #[error("a cluster has no database but 0")]
    DatabaseOfCluster,
    /// An option that nobody knows.
    #[error("the options of such an address are cluster, ca, cert and key; a ? in a password is written %3F")]
    UnknownOption,
    /// An option's value does not fit.
    #[error("the option `{option}` takes {wanted}")]
    OptionValue {
        /// The option.
        option: &'static str,
        /// What it takes.
        wanted: &'static str,
    },
    /// Options about TLS without TLS.
    #[error("the option `{0}` is about TLS; write rediss://")]
    NeedsTls(&'static str),
    /// Only one of certificate and key.
    #[error("`cert` and `key` are written together or not at all")]
    HalfCertificate,
    /// The `session_kind` cannot stand in front of keys.
    #[error("the name in front of the keys is 1 to 64 letters, digits, '-', '_' or '.', not {0:?}")]
    Kind(String),
}

impl RedisAddress {
    /// Reads an address.
    ///
    /// # Errors
    /// * [`RedisAddressError`] says what is wrong, without the password.
    pub fn parse(url: &str) -> Result<RedisAddress, RedisAddressError> {
        let (tls, rest) = match (url.strip_prefix("redis://"), url.strip_prefix("rediss://")) {
            (Some(rest), _) => (false, rest),
            (_, Some(rest)) => (true, rest),
            _ => return Err(RedisAddressError::Scheme),
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may hold an unescaped '/' or '@'; a host holds neither.
        let (credentials, place) = match rest.rsplit_once('@') {
            Some((credentials, place)) => (Some(credentials), place),
            None => (None, rest),
        };
        let (hosts, database) = place.split_once('/').unwrap_or((place, ""));
        let (user, password) = read_credentials(credentials)?;
        let mut nodes = hosts.split(',').map(read_node).collect::<Result<Vec<_>, _>>()?;
        nodes.sort();
        nodes.dedup();
        let mut address = RedisAddress {
            kind: if nodes.len() > 1 {
                Kind::Cluster
            } else {
                Kind::Single
            },
            nodes,
            transport: if tls {
                Transport::Tls(TlsFiles::default())
            } else {
                Transport::Plain
            },
            user,
            password,
            database: read_database(database)?,
        };
        address.read_options(query)?;
        if address.kind == Kind::Cluster && address.database != 0 {
            return Err(RedisAddressError::DatabaseOfCluster);
        }
        Ok(address)
    }

    /// The address without credentials and without how it is reached: equal for equal stores.
    pub fn identity(&self) -> String {
        let nodes: Vec<String> = self.nodes.iter().map(Node::to_string).collect();
        format!("redis://{}/{}", nodes.join(","), self.database)
    }

    /// Whether the way there is encrypted.
    pub fn is_encrypted(&self) -> bool {
        self.transport != Transport::Plain
    }

    /// Whether a password is sent.
    pub fn has_password(&self) -> bool {
        self.password
            .as_deref()
            .is_some_and(|password| !password.is_empty())
    }

    /// Whether a certificate of ours is shown.
    pub fn has_certificate(&self) -> bool {
        matches!(&self.transport, Transport::Tls(files) if files.certificate.is_some())
    }

    /// Whether every server is this machine.
    pub fn is_loopback(&self) -> bool {
        self.nodes.iter().all(Node::is_loopback)
    }

    fn read_options(&mut self, query: &str) -> Result<(), RedisAddressError> {
        for option in query.split('&').filter(|option| !option.is_empty()) {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            let value = decode(value).ok_or(RedisAddressError::OptionValue {
                option: "ca, cert, key",
                wanted: "a path, with what is not UTF-8 left out",
            })?;
            match name {
                "cluster" => self.read_cluster(&value)?,
                "ca" => self.tls_files("ca")?.authority = Some(path("ca", &value)?),
                "cert" => self.tls_files("cert")?.certificate = Some(path("cert", &value)?),
                "key" => self.tls_files("key")?.key = Some(path("key", &value)?),
                _ => return Err(RedisAddressError::UnknownOption),
            }
        }
        match &self.transport {
            Transport::Tls(files) if files.certificate.is_some() != files.key.is_some() => {
                Err(RedisAddressError::HalfCertificate)
            }
            _ => Ok(()),
        }
    }

    fn read_cluster(&mut self, value: &str) -> Result<(), RedisAddressError> {
        match value {
            "true" => self.kind = Kind::Cluster,
            "false" if self.nodes.len() == 1 => self.kind = Kind::Single,
            _ => {
                return Err(RedisAddressError::OptionValue {
                    option: "cluster",
                    wanted: "true, or false with a single host",
                });
            }
        }
        Ok(())
    }

    fn tls_files(&mut self, option: &'static str) -> Result<&mut TlsFiles, RedisAddressError> {
        match &mut self.transport {
            Transport::Tls(files) => Ok(files),
            Transport::Plain => Err(RedisAddressError::NeedsTls(option)),
        }
    }
}

fn read_credentials(
    credentials: Option<&str>,
) -> Result<(Option<String>, Option<String>), RedisAddressError> {
    let Some(credentials) = credentials else {
        return Ok((None, None));
    };
    let (user, password) = match credentials.split_once(':') {
        Some((user, password)) => (user, Some(password)),
        None => (credentials, None),
    };
    let read = |text: &str| decode(text).ok_or(RedisAddressError::Credentials);
    let user = if user.is_empty() { None } else { Some(read(user)?) };
    Ok((user, password.map(read).transpose()?))
}

fn read_node(text: &str) -> Result<Node, RedisAddressError> {
    let refused = || RedisAddressError::Host;
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (host, port) = rest.split_once(']').ok_or_else(refused)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| refused())?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        None => {
            let (host, port) = text.split_once(':').unwrap_or((text, ""));
            (host, Some(port))
        }
    };
    let port = match port.ok_or_else(refused)? {
        "" if text.ends_with(':') => return Err(refused()),
        "" => DEFAULT_PORT,
        digits => digits
            .parse()
            .ok()
            .filter(|port| *port != 0)
            .ok_or_else(refused)?,
    };
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
    if host.is_empty() || !host.chars().all(is_plain) {
        return Err(refused());
    }
    Ok(Node {
        host: host.trim_end_matches('.').to_ascii_lowercase(),
        port,
    })
}

fn read_database(text: &str) -> Result<u32, RedisAddressError> {
    match text {
        "" => Ok(0),
        digits => digits.parse().map_err(|_| RedisAddressError::Database),
    }
}

fn path(option: &'static str, value: &str) -> Result<PathBuf, RedisAddressError> {
    match value.starts_with('/') {
        true => Ok(PathBuf::from(value)),
        false => Err(RedisAddressError::OptionValue {
            option,
            wanted: "the path of a PEM file, beginning with /",
        }),
    }
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

impl Node {
    fn is_loopback(&self) -> bool {
        let ip = self.host.parse::<std::net::IpAddr>();
        self.host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "RedisAddress({} {:?} {:?})",
            self.identity(),
            self.kind,
            self.transport
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> RedisAddress {
        RedisAddress::parse(url).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    #[test]
    fn the_short_forms_stand_for_the_long_ones() {
        for (url, identity) in [
            ("redis://h", "redis://h:6379/0"),
            ("redis://H.example.:6379/", "redis://h.example:6379/0"),
            ("redis://:pw@h/3", "redis://h:6379/3"),
            ("rediss://u:p%40w@h:7000", "redis://h:7000/0"),
            ("redis://[::1]:7000/1", "redis://[::1]:7000/1"),
            ("redis://b,A:7,b", "redis://a:7,b:6379/0"),
        ] {
            assert_eq!(parse(url).identity(), identity, "{url}");
        }
    }

    #[test]
    fn credentials_are_read_and_shown_nowhere() {
        let address = parse("rediss://mia:s%2fecret@h?ca=/etc/ca.pem");
        assert_eq!(
            (address.user.as_deref(), address.password.as_deref()),
            (Some("mia"), Some("s/ecret"))
        );
        let shown = format!("{address:?} {}", address.identity());
        assert!(!shown.contains("mia") && !shown.contains("ecret"), "{shown}");
        for wrong in [
            "redis://mia:secret@h/x",
            "redis://mia:secret@h:x",
            "redis://mia:secret@h?secret=1",
            "redis://mia:secret",
            "redis://h/secret",
        ] {
            let error = RedisAddress::parse(wrong).unwrap_err();
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("secret") && !shown.contains("mia"), "{shown}");
        }
    }

    #[test]
    fn a_password_with_an_unescaped_slash_or_at_never_becomes_a_host() {
        let address = parse("redis://:se/cr@et@h");
        assert_eq!(address.password.as_deref(), Some("se/cr@et"));
        assert_eq!(address.identity(), "redis://h:6379/0");
    }

    #[test]
    fn several_hosts_or_the_option_make_a_cluster() {
        assert_eq!(parse("redis://a,b").kind, Kind::Cluster);
        assert_eq!(parse("redis://a?cluster=true").kind, Kind::Cluster);
        assert_eq!(parse("redis://a?cluster=false").kind, Kind::Single);
        assert_eq!(
            RedisAddress::parse("redis://a,b/1"),
            Err(RedisAddressError::DatabaseOfCluster)
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for wrong in [
            "http://h",
            "redis:h",
            "redis://",
            "redis://h:0",
            "redis://h:99999",
            "redis://h:",
            "redis://a,,b",
            "redis://[::1",
            "redis://[x]",
            "redis://a b",
            "redis://h/one",
            "redis://h?ca=/x",
            "redis://a,b?cluster=false",
            "rediss://h?ca=relative.pem",
            "rediss://h?cert=/c.pem",
            "rediss://h?verify=none",
            "redis://h?cluster=1",
            "redis://u:%ff@h",
        ] {
            assert!(RedisAddress::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn loopback_is_this_machine_alone() {
        assert!(parse("redis://127.0.0.1,localhost,[::1]").is_loopback());
        assert!(!parse("redis://127.0.0.1,10.0.0.1").is_loopback());
        assert!(!parse("redis://localhost.example.org").is_loopback());
    }
}
