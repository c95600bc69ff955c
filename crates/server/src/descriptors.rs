//! Open files: how many this process may have, and how many of them may be connections.
//!
//! Wikis hold files, stores hold connections of their own, and the admin listener has to answer when everything else is
//! taken. So visitors' connections get a part of what the system allows, and beyond it they wait to be accepted; idle
//! and dawdling ones end by themselves. Start at [`connections_of`].

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// So many connections at once are enough, whatever the system allows: each takes memory.
const MOST_CONNECTIONS: u64 = 16_384;
/// What is left for files, stores and the admin listener, at the most.
const LEFT_FOR_OTHERS: u64 = 4_096;
/// Connections of the admin listener.
pub const ADMIN_CONNECTIONS: usize = 64;

/// Open wikis hold a few files each; the usual soft limit of 1,024 is for programs that
/// hold few. A system that refuses leaves us with what we have.
pub fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    let raised = setrlimit(
        Resource::Nofile,
        Rlimit {
            current: limit.maximum,
            maximum: limit.maximum,
        },
    );
    if let Err(cause) = raised {
        tracing::debug!(%cause, "the limit of open files stays as it is");
    }
}

/// How many connections each of so many workers may hold.
pub fn connections_of(workers: usize) -> usize {
    share(getrlimit(Resource::Nofile).current, workers)
}

/// `limit` is none where the system sets none.
fn share(limit: Option<u64>, workers: usize) -> usize {
    let limit = limit.unwrap_or(u64::MAX);
    let connections = (limit - (limit / 4).min(LEFT_FOR_OTHERS)).min(MOST_CONNECTIONS);
    let connections = usize::try_from(connections).unwrap_or(usize::MAX);
    (connections / workers.max(1)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visitors_never_get_all_of_the_files() {
        assert_eq!(share(Some(1_024), 1), 768);
        assert_eq!(share(Some(1_024), 4) * 4, 768);
        assert_eq!(share(Some(20_000), 1), 15_904);
        assert_eq!(share(None, 2), 8_192);
        assert_eq!(share(Some(2), 64), 1, "a worker without any would serve nobody");
    }
}
