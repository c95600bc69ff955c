//! The macro worker: `grange-macro-worker`, started by the server, speaks frames over stdin and stdout.
//!
//! Only the start stands here: the allocator, the empty environment, the thread with a large stack and the guard that
//! watches it, the exit code. What the program is and does is told in the library's header. `--self-test` puts up the sandbox's
//! fences and tries to get over them; the tests call it.

use std::env;
use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::thread;

use grange_macro_worker::guard::{Guard, Watched};
use grange_macro_worker::sandbox::{self, Escape, Fence};
use grange_macro_worker::serve;

/// Counts every byte, so that a macro's memory can be limited exactly.
#[global_allocator]
static ALLOCATOR: monty_alloc::LimitedAllocator = monty_alloc::LimitedAllocator;

/// Deeply nested values are walked on the native stack, in unoptimised builds with large frames.
const STACK_BYTES: usize = 64 << 20;

/// The server has said something that is no message of the talk.
const JUNK: u8 = 2;
/// The thread that runs macros could not be started or was lost.
const LOST: u8 = 3;
/// Says that the environment has been emptied already.
const BARE: &str = "--bare";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    if env::vars_os().next().is_some() && !arguments.iter().any(|argument| argument == BARE) {
        start_again_without_environment(&arguments);
    }
    // A panic is answered as a failed call; its report would be noise among the server's messages.
    std::panic::set_hook(Box::new(|_| {}));
    // Inherited by the thread below; the other fences forbid starting it.
    let is_serving = arguments.first().map(String::as_str) != Some("--self-test");
    if is_serving {
        sandbox::close(&[Fence::Landlock]);
    }
    let guard = Arc::new(Guard::default());
    let watched = Watched(Arc::clone(&guard));
    let work = move || match arguments.first().map(String::as_str) {
        Some("--self-test") => try_to_escape(&arguments),
        _ => serve_until_the_end(&watched),
    };
    let working = thread::Builder::new().stack_size(STACK_BYTES).spawn(work);
    if is_serving && working.is_ok() {
        // The thread's filter of system calls holds for this one too.
        guard.stand();
    }
    match working.map(thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        _ => ExitCode::from(LOST),
    }
}

/// Comes back only where the program cannot be started again; then it runs with the environment that it has,
/// which no macro can read.
fn start_again_without_environment(arguments: &[String]) {
    #[cfg(unix)]
    if let Ok(program) = env::current_exe() {
        use std::os::unix::process::CommandExt as _;
        let mut again = std::process::Command::new(program);
        let _ = again.args(arguments).arg(BARE).env_clear().exec();
    }
}

fn serve_until_the_end(watched: &Watched) -> ExitCode {
    sandbox::close(&[Fence::Limits, Fence::Seccomp]);
    // Not locked for good: the guard has the last word.
    match serve::serve(io::stdin().lock(), io::stdout(), &watched.0) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(JUNK),
    }
}

/// `--self-test ESCAPE FENCE`: tries one escape behind one fence, or behind `all`.
fn try_to_escape(arguments: &[String]) -> ExitCode {
    let name = |place: usize| arguments.get(place).map(String::as_str).unwrap_or_default();
    let fences: &[Fence] = match name(2) {
        "limits" => &[Fence::Limits],
        "landlock" => &[Fence::Landlock],
        "seccomp" => &[Fence::Seccomp],
        "none" => &[],
        _ => &sandbox::ALL,
    };
    let Some(escape) = Escape::named(name(1)) else {
        return ExitCode::from(JUNK);
    };
    sandbox::close(fences);
    match escape.attempt(&mut io::stdout()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
