//! One attempt to reach a Redis: connected, let in, and asked whether it answers. Of a cluster it is enough
//! that one server tells where the others are.
//!
//! PEM files are read anew at each attempt, so that renewed certificates need no restart.

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use redis::cluster::{ClusterClient, ClusterClientBuilder};
use redis::{
    AsyncConnectionConfig, Client, ClientTlsConfig, ConnectionAddr, ConnectionInfo, IntoConnectionInfo as _,
    RedisConnectionInfo, RedisError, TlsCertificates,
};
use rustls::crypto::{CryptoProvider, ring};

use super::address::{Kind, Node, RedisAddress, TlsFiles, Transport};
use super::line::{ANSWER_LIMIT, Wire};
use super::pipe::Pipe;

/// How long reaching a server may take.
const REACH_LIMIT: Duration = Duration::from_secs(1);
/// Reaching all servers of a cluster, let in by each.
const CLUSTER_REACH_LIMIT: Duration = Duration::from_secs(2);

/// A connection that answers.
pub(super) async fn connect(address: &RedisAddress) -> Result<Wire, RedisError> {
    let certificates = match &address.transport {
        Transport::Plain => None,
        Transport::Tls(files) => Some(read_certificates(files)?),
    };
    let (limit, reached) = match address.kind {
        Kind::Single => (
            REACH_LIMIT,
            tokio::time::timeout(REACH_LIMIT, single(address, certificates)).await,
        ),
        Kind::Cluster => (
            CLUSTER_REACH_LIMIT,
            tokio::time::timeout(CLUSTER_REACH_LIMIT, cluster(address, certificates)).await,
        ),
    };
    let mut reached = reached.unwrap_or_else(|_| {
        let why = format!("no answer within {} ms", limit.as_millis());
        Err(io::Error::new(io::ErrorKind::TimedOut, why).into())
    })?;
    if !matches!(reached, Wire::Cluster(_)) {
        reached.ask(&redis::cmd("PING")).await?;
    }
    Ok(reached)
}

async fn single(address: &RedisAddress, tls: Option<TlsCertificates>) -> Result<Wire, RedisError> {
    let node = address.nodes.first().ok_or_else(no_server)?;
    let Some(certificates) = tls else {
        return Ok(Wire::Plain(plain(address, node).await?));
    };
    let client = Client::build_with_tls(connection_info(address, node)?, certificates)?;
    let config = AsyncConnectionConfig::new()
        .set_connection_timeout(Some(REACH_LIMIT))
        // `Wire::ask` has its own.
        .set_response_timeout(None);
    let wire = client
        .get_multiplexed_async_connection_with_config(&config)
        .await?;
    Ok(Wire::Tls(wire))
}

async fn plain(address: &RedisAddress, node: &Node) -> Result<Pipe, RedisError> {
    let pipe = Pipe::open(&node.host, node.port).await?;
    if let Some(password) = &address.password {
        let mut let_in = redis::cmd("AUTH");
        let_in.arg(&address.user).arg(password);
        pipe.ask(&let_in).await?;
    }
    if address.database != 0 {
        pipe.ask(redis::cmd("SELECT").arg(address.database)).await?;
    }
    Ok(pipe)
}

async fn cluster(address: &RedisAddress, tls: Option<TlsCertificates>) -> Result<Wire, RedisError> {
    let nodes = address.nodes.iter().map(|node| connection_info(address, node));
    let mut client: ClusterClientBuilder = ClusterClient::builder(nodes.collect::<Result<Vec<_>, _>>()?)
        // Nothing is sent twice unless we know that it was not done.
        .retries(0)
        .connection_timeout(REACH_LIMIT)
        .response_timeout(ANSWER_LIMIT);
    if let Some(certificates) = tls {
        client = client.certs(certificates);
    }
    Ok(Wire::Cluster(client.build()?.get_async_connection().await?))
}

fn connection_info(address: &RedisAddress, node: &Node) -> Result<ConnectionInfo, RedisError> {
    let (host, port) = (node.host.clone(), node.port);
    let place = match address.transport {
        Transport::Plain => ConnectionAddr::Tcp(host, port),
        Transport::Tls(_) => ConnectionAddr::TcpTls {
            host,
            port,
            insecure: false,
            tls_params: None,
        },
    };
    let mut settings = RedisConnectionInfo::default()
        .set_db(address.database.into())
        .set_skip_set_lib_name();
    if let Some(user) = &address.user {
        settings = settings.set_username(user);
    }
    if let Some(password) = &address.password {
        settings = settings.set_password(password);
    }
    Ok(place.into_connection_info()?.set_redis_settings(settings))
}

fn read_certificates(files: &TlsFiles) -> Result<TlsCertificates, RedisError> {
    if CryptoProvider::get_default().is_none() {
        // Somebody else's choice is as good; ours fails only if theirs came between.
        _ = ring::default_provider().install_default();
    }
    let client_tls = match (&files.certificate, &files.key) {
        (Some(certificate), Some(key)) => Some(ClientTlsConfig {
            client_cert: read(certificate)?,
            client_key: read(key)?,
        }),
        _ => None,
    };
    Ok(TlsCertificates {
        client_tls,
        root_cert: files.authority.as_deref().map(read).transpose()?,
    })
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path).map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}

fn no_server() -> RedisError {
    io::Error::from(io::ErrorKind::AddrNotAvailable).into()
}
