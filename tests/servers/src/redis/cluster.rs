//! Three Redis servers as one cluster, each a third of the slots, without replicas.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

use super::{RedisServer, Setup, Transport};
use crate::certificates::Certificates;
use crate::process::{free_port, wait_until};

const MASTERS: [(u16, u16); 3] = [(0, 5460), (5461, 10922), (10923, 16383)];

/// A running cluster. It ends when this is dropped.
pub struct RedisCluster {
    servers: Vec<RedisServer>,
    _certificates: TempDir,
}

impl RedisCluster {
    /// A cluster that speaks plainly.
    pub fn start() -> RedisCluster {
        RedisCluster::start_with(Transport::Plain)
    }

    /// One cluster for all tests of a process that want it at the same time; it ends with the last of them.
    pub fn shared() -> Arc<RedisCluster> {
        // The one thing that is global, and gone when nobody holds it.
        static SHARED: Mutex<Weak<RedisCluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cluster) = shared.upgrade() {
            return cluster;
        }
        let cluster = Arc::new(RedisCluster::start());
        *shared = Arc::downgrade(&cluster);
        cluster
    }

    /// A cluster reached so, whose servers speak so among themselves too.
    pub fn start_with(transport: Transport) -> RedisCluster {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let certificates = (transport != Transport::Plain).then(|| Certificates::make_in(directory.path()));
        let servers = MASTERS.iter().map(|(from, to)| {
            let among_themselves = if transport == Transport::Plain {
                "no"
            } else {
                "yes"
            };
            let server = RedisServer::start_with(Setup {
                transport,
                lines: vec![
                    "cluster-enabled yes".into(),
                    format!("cluster-port {}", free_port()),
                    format!("tls-cluster {among_themselves}"),
                ],
                certificates: certificates.clone(),
                ..Setup::default()
            });
            assert_eq!(
                server.ask(&format!("CLUSTER ADDSLOTSRANGE {from} {to}")),
                "+OK\r\n"
            );
            server
        });
        let cluster = RedisCluster {
            servers: servers.collect(),
            _certificates: directory,
        };
        cluster.introduce();
        cluster
    }

    /// The first master's address.
    pub fn url(&self) -> String {
        self.server(0).url()
    }

    /// One of the three masters.
    pub fn server(&self, index: usize) -> &RedisServer {
        self.servers.get(index).expect("one of three masters")
    }

    /// One of the three masters, to be stopped and started.
    pub fn server_mut(&mut self, index: usize) -> &mut RedisServer {
        self.servers.get_mut(index).expect("one of three masters")
    }

    /// Waits until every master says that the cluster is whole.
    pub fn wait_until_whole(&self) {
        wait_until("the cluster is whole", || {
            self.servers.iter().all(|server| {
                let info = server.ask("CLUSTER INFO");
                info.contains("cluster_state:ok") && info.contains("cluster_known_nodes:3")
            })
        });
    }

    fn introduce(&self) {
        let first = self.server(0);
        for other in self.servers.iter().skip(1) {
            let bus = other.bus_port();
            let met = first.ask(&format!("CLUSTER MEET 127.0.0.1 {} {bus}", other.port()));
            assert_eq!(met, "+OK\r\n");
        }
        self.wait_until_whole();
    }
}

impl RedisServer {
    fn bus_port(&self) -> &str {
        let mut lines = self.setup.lines.iter();
        lines
            .find_map(|line| line.strip_prefix("cluster-port "))
            .expect("a server of a cluster")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares_the_slots(cluster: &RedisCluster) {
        // The slot of "colour" belongs to one of them; the others say where it is.
        let answers: Vec<String> = (0..3)
            .map(|i| cluster.server(i).ask("SET colour green"))
            .collect();
        let taken = answers.iter().filter(|answer| *answer == "+OK\r\n").count();
        let sent_on = answers
            .iter()
            .filter(|answer| answer.starts_with("-MOVED"))
            .count();
        assert_eq!((taken, sent_on), (1, 2), "{answers:?}");
    }

    #[test]
    fn the_three_masters_share_the_slots() {
        shares_the_slots(&RedisCluster::start());
    }

    #[test]
    fn a_cluster_with_tls_is_whole_too() {
        shares_the_slots(&RedisCluster::start_with(Transport::MutualTls));
    }
}
