//! Rules for texts: what a value must be, and the sentence for one that is not.
//!
//! A rule sees one text and no other setting; rules across keys and wikis are in `lint/`. A rule never repeats the
//! text it refuses: the caller underlines it, and it may have come from the environment.

use std::net::{Ipv6Addr, SocketAddr};

use grange_session::{CookieNameRule, PostgresAddress, RedisAddress, cookie_name_part};
use grange_wiki::PageName;
use grange_wiki::accounts::UserName;
use ipnet::IpNet;

use crate::address::{Address, HostPattern};

/// A rule: the sentence says what is wrong with the text.
pub(crate) type Rule = fn(&str) -> Result<(), Complaint>;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Complaint {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// Empty: the key's example will do.
    pub(crate) remedy: String,
}

impl Complaint {
    /// The sentence is given its full stop where it is shown.
    fn because(message: impl ToString) -> Complaint {
        Complaint {
            code: "value",
            message: message.to_string().trim_end_matches('.').to_owned(),
            remedy: String::new(),
        }
    }

    fn code(mut self, code: &'static str) -> Complaint {
        self.code = code;
        self
    }

    fn remedy(mut self, remedy: impl Into<String>) -> Complaint {
        self.remedy = remedy.into();
        self
    }
}

fn require(holds: bool, otherwise: &str) -> Result<(), Complaint> {
    match holds {
        true => Ok(()),
        false => Err(Complaint::because(otherwise)),
    }
}

/// Any text.
pub(crate) fn any(_text: &str) -> Result<(), Complaint> {
    Ok(())
}

/// Something to read on one line.
pub(crate) fn filled(text: &str) -> Result<(), Complaint> {
    require(!text.trim().is_empty(), "it is empty")?;
    require(
        !text.chars().any(char::is_control),
        "it holds a line end or another control character",
    )
}

/// One word of letters, digits, `_` and `-`.
pub(crate) fn word(text: &str) -> Result<(), Complaint> {
    let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    require(
        !text.is_empty() && text.chars().all(fits),
        "only letters, digits, _ and - can stand here",
    )
}

/// A name that may become part of a file name or key: short and ASCII.
pub(crate) fn identifier(text: &str) -> Result<(), Complaint> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let holds = !text.is_empty() && text.len() <= 64 && text.chars().all(fits);
    require(
        holds,
        "only letters, digits, _, - and . can stand here, at most 64",
    )
}

/// The URL of a server that keeps sessions.
pub(crate) fn session_server(text: &str) -> Result<(), Complaint> {
    let refused = |error: &dyn ToString, example: &str| {
        Complaint::because(error.to_string()).remedy(format!("For example: `session_store = \"{example}\"`."))
    };
    if text.starts_with("redis") {
        let example = "redis://:${REDIS_PASSWORD}@redis.example.org/0";
        RedisAddress::parse(text).map_err(|error| refused(&error, example))?;
    } else if text.starts_with("postgres") {
        let example = "postgres://grange:${DB_PASSWORD}@db.example.org/grange";
        PostgresAddress::parse(text).map_err(|error| refused(&error, example))?;
    } else {
        let servers = "the servers that keep sessions are at redis://, rediss:// and postgres://";
        return Err(refused(&servers, "redis://127.0.0.1"));
    }
    Ok(())
}

/// `[a-z0-9][a-z0-9-]{0,31}`: a wiki's id is a directory, a link prefix and part of cookie names.
pub(crate) fn wiki_id(text: &str) -> Result<(), Complaint> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let holds = !text.is_empty() && text.len() <= 32 && text.chars().all(fits) && !text.starts_with('-');
    require(
        holds,
        "an id has lower-case letters, digits and -, begins with no -, and has at most 32 characters",
    )
}

/// An `at` or `aliases` entry.
pub(crate) fn address(text: &str) -> Result<(), Complaint> {
    Address::parse(text)
        .map(drop)
        .map_err(|error| Complaint::because(error).code("address"))
}

/// A page's name.
pub(crate) fn page_name(text: &str) -> Result<(), Complaint> {
    PageName::parse(text).map(drop).map_err(Complaint::because)
}

/// An account's name.
pub(crate) fn user_name(text: &str) -> Result<(), Complaint> {
    UserName::parse(text).map(drop).map_err(Complaint::because)
}

/// An account of a wiki, as "wiki:Name".
pub(crate) fn account(text: &str) -> Result<(), Complaint> {
    let Some((wiki, name)) = text.split_once(':') else {
        return Err(Complaint::because(
            "an account is the id of its wiki, a colon and its name",
        ));
    };
    require(
        !wiki.is_empty(),
        "the id of the wiki is missing in front of the colon",
    )?;
    user_name(name)
}

/// A language tag such as `en` or `pt-BR`.
pub(crate) fn language(text: &str) -> Result<(), Complaint> {
    let part = |part: &str| (1..=8).contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric());
    let mut parts = text.split(['-', '_']);
    let first = parts.next().unwrap_or_default();
    let language = (2..=3).contains(&first.len()) && first.chars().all(|c| c.is_ascii_alphabetic());
    require(
        language && parts.all(part),
        "a language is a tag of two or three letters, such as en, de or pt-BR",
    )
}

/// A time zone of the IANA database.
pub(crate) fn time_zone(text: &str) -> Result<(), Complaint> {
    let sentence = "no time zone of that name is known; names are those of the IANA database";
    jiff::tz::TimeZone::get(text)
        .map(drop)
        .map_err(|_| Complaint::because(sentence))
}

/// An image that browsers can load.
pub(crate) fn image(text: &str) -> Result<(), Complaint> {
    filled(text)?;
    let scheme = text
        .split_once(':')
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.contains(['/', '?']));
    let web = scheme.is_none_or(|s| s.eq_ignore_ascii_case("https") || s.eq_ignore_ascii_case("http"));
    require(web, "an image is an http or https URL or a path on this server")
}

/// `IP:PORT` to listen on.
pub(crate) fn socket_address(text: &str) -> Result<(), Complaint> {
    if text.parse::<SocketAddr>().is_ok() {
        return Ok(());
    }
    let (host, port) = text.rsplit_once(':').unwrap_or((text, "8080"));
    let host = match host {
        "" | "*" => "0.0.0.0".to_owned(),
        "localhost" => "127.0.0.1".to_owned(),
        host if host.parse::<Ipv6Addr>().is_ok() => format!("[{host}]"),
        host => host.to_owned(),
    };
    let remedy = match format!("{host}:{port}").parse::<SocketAddr>() {
        Ok(address) => format!("Write \"{address}\"."),
        Err(_) => String::new(),
    };
    let sentence = "a listener is an IP address and a port; 0.0.0.0 and [::] stand for every address";
    Err(Complaint::because(sentence).remedy(remedy))
}

/// `IP:PORT`, or nothing.
pub(crate) fn admin_address(text: &str) -> Result<(), Complaint> {
    if text.is_empty() {
        Ok(())
    } else {
        socket_address(text)
    }
}

/// An IP address or a network of them.
pub(crate) fn network(text: &str) -> Result<(), Complaint> {
    parse_network(text).map(drop).ok_or_else(|| {
        Complaint::because("a trusted proxy is an IP address or a network such as 10.0.0.0/8, never a name")
    })
}

/// An IP address counts as a network of one.
pub(crate) fn parse_network(text: &str) -> Option<IpNet> {
    let address = || text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    text.parse::<IpNet>().ok().or_else(address)
}

/// L-06: part of a cookie's name.
pub(crate) fn cookie_name(text: &str) -> Result<(), Complaint> {
    let literal = CookieNameRule::Literal(text.to_owned());
    cookie_name_part(&literal, "", None, &[]).map_err(|error| Complaint::because(error).code("L-06"))?;
    if text.len() > 64 {
        let sentence = "it is longer than 64 characters, and browsers give all cookies of a site little room";
        return Err(Complaint::because(sentence).code("L-06"));
    }
    Ok(())
}

/// A Domain attribute.
pub(crate) fn cookie_domain(text: &str) -> Result<(), Complaint> {
    let name = text.strip_prefix('.').unwrap_or(text);
    match Address::parse(name) {
        Ok(address) if is_bare_host(&address) => Ok(()),
        _ => Err(Complaint::because(
            "a cookie's domain is a host name, with or without a dot in front",
        )),
    }
}

fn is_bare_host(address: &Address) -> bool {
    let exact = matches!(address.host(), HostPattern::Exact(_));
    exact && address.scheme().is_none() && address.port().is_none() && !address.written().contains('/')
}

/// A Path attribute.
pub(crate) fn cookie_path(text: &str) -> Result<(), Complaint> {
    require(text.starts_with('/'), "a cookie's path begins with /")?;
    // RFC 6265bis, section 5.6: a longer attribute is ignored, and the cookie would go to other addresses.
    require(
        text.len() <= 1024,
        "browsers ignore a cookie's path of more than 1024 characters",
    )?;
    let fits = |c: char| c.is_ascii_graphic() && c != ';' && c != ',';
    require(
        text.chars().all(fits),
        "a cookie's path is as it stands in URLs: ASCII without blanks, ; and commas",
    )
}

/// A key of the session that is not the session's own.
pub(crate) fn session_key(text: &str) -> Result<(), Complaint> {
    filled(text)?;
    let own = ["setuid", "trail", "csrf", "user"].contains(&text) || text.starts_with("user.");
    match own {
        true => Err(Complaint::because(
            "who somebody is and where they have been never survives a login or logout",
        )
        .code("L-41")
        .remedy("Leave this key out.")),
        false => Ok(()),
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
