//! The scripts, and calls of them.
//!
//! Each operation is one script that runs inside Redis as one step; they stand in scripts/, and all begin
//! with scripts/common.lua. A call names every key that its script touches. Redis knows a script by its
//! SHA-1; one that does not know it yet is sent the whole text once.

use std::sync::LazyLock;

use redis::{Cmd, ToRedisArgs};

/// A script with the name under which Redis knows it.
pub(super) struct Script {
    text: &'static str,
    name: LazyLock<String>,
}

macro_rules! script {
    ($constant:ident, $file:literal) => {
        pub(super) static $constant: Script = Script {
            text: concat!(include_str!("scripts/common.lua"), include_str!($file)),
            name: LazyLock::new(|| $constant.hash()),
        };
    };
}

script!(LOAD, "scripts/load.lua");
script!(CREATE, "scripts/create.lua");
script!(MERGE, "scripts/merge.lua");
script!(SWAP, "scripts/swap.lua");
script!(DELETE, "scripts/delete.lua");
script!(OWNED, "scripts/owned.lua");
script!(ROTATE, "scripts/rotate.lua");
script!(KILL, "scripts/kill.lua");
script!(DUE, "scripts/due.lua");
script!(SWEEP, "scripts/sweep.lua");
script!(SUMMARIES, "scripts/summaries.lua");

impl Script {
    fn hash(&self) -> String {
        redis::Script::new(self.text).get_hash().to_owned()
    }
}

/// A script with its keys and arguments.
pub(super) struct Call<'a> {
    script: &'a Script,
    keys: Vec<String>,
    arguments: Vec<Vec<u8>>,
}

impl<'a> Call<'a> {
    pub(super) fn of(script: &'a Script, keys: impl IntoIterator<Item = String>) -> Call<'a> {
        Call {
            script,
            keys: keys.into_iter().collect(),
            arguments: Vec::new(),
        }
    }

    /// Adds an argument, or several.
    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        argument.write_redis_args(&mut self.arguments);
        self
    }

    /// For a server that knows the script.
    pub(super) fn by_name(&self) -> Cmd {
        self.command("EVALSHA", &self.script.name)
    }

    /// For one that does not.
    pub(super) fn in_full(&self) -> Cmd {
        self.command("EVAL", self.script.text)
    }

    fn command(&self, verb: &str, script: &str) -> Cmd {
        let mut command = redis::cmd(verb);
        command
            .arg(script)
            .arg(self.keys.len())
            .arg(&self.keys)
            .arg(&self.arguments);
        command
    }
}
