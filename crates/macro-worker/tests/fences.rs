//! The sandbox's fences, tried from Rust behind the interpreter's back.

use std::process::{Command, Output};

fn try_to_escape(escape: &str, fence: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_grange-macro-worker"))
        .args(["--self-test", escape, fence])
        .env_clear()
        .output()
        .unwrap()
}

fn says(output: &Output) -> &str {
    std::str::from_utf8(&output.stdout).unwrap().trim()
}

#[test]
fn without_fences_every_escape_succeeds() {
    for escape in ["file", "socket", "process"] {
        assert_eq!(
            says(&try_to_escape(escape, "none")),
            "escaped",
            "{escape}: the trial itself is broken"
        );
    }
}

#[test]
fn behind_all_fences_nothing_escapes() {
    for escape in ["file", "socket", "process"] {
        let output = try_to_escape(escape, "all");
        assert_ne!(says(&output), "escaped", "{escape}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn each_fence_holds_alone() {
    use std::os::unix::process::ExitStatusExt as _;

    assert_eq!(says(&try_to_escape("file", "limits")), "refused");
    assert_eq!(says(&try_to_escape("socket", "limits")), "refused");
    let killed = |escape| try_to_escape(escape, "seccomp").status.signal() == Some(31);
    assert!(killed("socket") && killed("process"));
    assert_eq!(says(&try_to_escape("file", "seccomp")), "refused");
    if std::path::Path::new("/sys/kernel/security/landlock").exists() || kernel_has_landlock() {
        assert_eq!(says(&try_to_escape("file", "landlock")), "refused");
    }
}

#[cfg(target_os = "linux")]
fn kernel_has_landlock() -> bool {
    let modules = std::fs::read_to_string("/sys/kernel/security/lsm").unwrap_or_default();
    modules.contains("landlock")
}
