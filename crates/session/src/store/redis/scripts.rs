//! The scripts, and calls of them.
//!
//! Each operation is one script that runs inside Redis as one step; they stand in scripts/. Each begins with
//! those parts of scripts/common/ that it uses and no others, because Redis makes their functions anew at every
//! call. A call names every key that its script touches. Redis knows a script by its SHA-1; one that does not know
//! it yet is sent the whole text once.

use std::sync::LazyLock;

use redis::{Arg, Cmd, ToRedisArgs};

use super::keys::Key;

/// A script with the name under which Redis knows it.
pub(super) struct Script {
    text: &'static str,
    name: LazyLock<String>,
}

macro_rules! script {
    ($constant:ident, $file:literal $(, $part:literal)*) => {
        pub(super) static $constant: Script = Script {
            text: concat!(
                $(include_str!(concat!("scripts/common/", $part, ".lua")), "\n",)*
                include_str!(concat!("scripts/", $file, ".lua"))
            ),
            name: LazyLock::new(|| $constant.hash()),
        };
    };
}

script!(LOAD, "load", "record", "kills");
script!(CREATE, "create", "record", "kills", "ends", "insert");
script!(MERGE, "merge", "record", "ends", "values");
script!(SWAP, "swap", "record", "values");
script!(DELETE, "delete", "record", "ends", "removal");
script!(OWNED, "owned", "owners");
script!(
    ROTATE, "rotate", "record", "kills", "ends", "insert", "removal", "owners"
);
script!(KILL, "kill", "record", "kills", "owners");
script!(DUE, "due", "record");
script!(SWEEP, "sweep", "record", "ends", "removal");
script!(SUMMARIES, "summaries", "record");

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
    pub(super) fn of<'a>(
        script: &'static Script,
        keys: impl IntoIterator<Item = Key<'a>, IntoIter: Clone>,
    ) -> Call {
        let keys = keys.into_iter();
        // What most calls take.
        let mut command = Cmd::with_capacity(24, 512);
        command.arg("EVALSHA").arg(script.name.as_str());
        command.arg(keys.clone().count());
        for key in keys {
            command.arg(key);
        }
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
