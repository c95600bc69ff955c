//! The scripts, and calls of them.
//!
//! Each operation is one script that runs inside Redis as one step; they stand in scripts/, and all begin
//! with scripts/common.lua. A call names every key that its script touches. Redis knows a script by its
//! SHA-1; one that does not know it yet is sent the whole text once.

use std::sync::LazyLock;

use redis::{Arg, Cmd, ToRedisArgs};

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
pub(super) struct Call {
    script: &'static Script,
    /// As it is for a server that knows the script.
    command: Cmd,
}

impl Call {
    pub(super) fn of(script: &'static Script, keys: impl IntoIterator<Item = String>) -> Call {
        let keys: Vec<String> = keys.into_iter().collect();
        // What most calls take.
        let mut command = Cmd::with_capacity(24, 512);
        command.arg("EVALSHA").arg(script.name.as_str());
        command.arg(keys.len()).arg(keys);
        Call { script, command }
    }

    /// Adds an argument, or several.
    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        self.command.arg(argument);
        self
    }

    /// For a server that knows the script.
    pub(super) fn by_name(&self) -> &Cmd {
        &self.command
    }

    /// For one that does not.
    pub(super) fn in_full(&self) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command.arg(self.script.text);
        for argument in self.command.args_iter().skip(2) {
            if let Arg::Simple(argument) = argument {
                command.arg(argument);
            }
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{MAX_KEYS, MAX_SESSION_BYTES};

    #[test]
    fn scripts_know_the_limits_of_a_session() {
        let limits = format!("local MOST_VALUES, MOST_BYTES = {MAX_KEYS}, {MAX_SESSION_BYTES}\n");
        assert!(
            MERGE.text.contains(&limits) && SWAP.text.contains(&limits),
            "{limits}"
        );
    }
}
