//! What every store passes, on three kinds of servers. Each test has a server of its own.

use super::*;

fn tls_url(server: &RedisServer) -> String {
    let files = server.certificates();
    format!(
        "{}?ca={}&cert={}&key={}",
        server.url(),
        files.authority.display(),
        files.client.display(),
        files.client_key.display()
    )
}

mod single {
    use super::*;

    fn on_one_server() -> (RedisServer, Arc<dyn SessionStore>) {
        let server = RedisServer::start();
        let store = store_at(&server.url());
        (server, store)
    }

    crate::acceptance_tests!(on_one_server);
}

mod tls {
    use super::*;

    fn with_tls_and_password() -> (RedisServer, Arc<dyn SessionStore>) {
        let server = RedisServer::start_with(Setup {
            transport: Transport::MutualTls,
            password: Some("plums".into()),
            ..Setup::default()
        });
        let store = store_at(&tls_url(&server));
        (server, store)
    }

    crate::acceptance_tests!(with_tls_and_password);
}

mod cluster {
    use super::*;

    /// One cluster for all of them: making one takes seconds. Each claim has its own name in front of keys.
    fn on_a_cluster() -> (Arc<RedisCluster>, Arc<dyn SessionStore>) {
        let cluster = RedisCluster::shared();
        let store = store_at(&format!("{}?cluster=true", cluster.url()));
        (cluster, store)
    }

    crate::acceptance_tests!(on_a_cluster);
}
