//! The program that runs Python macros, built beside the server before a test needs it.
//!
//! It is no default member of the workspace (its interpreter wants a flag), so `cargo test` alone does not
//! build it.

use std::process::Command;
use std::sync::OnceLock;

/// Builds it, once for all tests, unless `cargo xtask test` has said that it stands there already.
pub fn build_worker() {
    if std::env::var_os("GRANGE_MACRO_WORKER_IS_BUILT").is_some() {
        return;
    }
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        let built = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--ignore-rust-version"])
            .args(["--package", "grange-macro-worker"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        assert!(built.unwrap().success(), "the macro worker cannot be built");
    });
}
