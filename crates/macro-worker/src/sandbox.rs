//! What the process gives up before it reads the first byte: files, network, processes, nearly all system
//! calls.
//!
//! The interpreter lets no macro near any of it; this is for the day on which the interpreter has a hole.
//! Each fence is put up where the kernel has it, and the next one is tried when it has not. There is no way
//! back from any of them.

use std::io::Write;

/// One fence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fence {
    /// Resource limits: no open files, no bytes written to files, no processes, no core.
    Limits,
    /// Landlock: no file, no address of the network.
    Landlock,
    /// Seccomp: a system call that is not on the list ends the process.
    Seccomp,
}

/// All of them, in the order in which they can be put up: landlock opens a descriptor, which the limits
/// forbid, and seccomp forbids setting limits.
pub const ALL: [Fence; 3] = [Fence::Landlock, Fence::Limits, Fence::Seccomp];

/// Puts up these fences; what the kernel does not have is passed over.
pub fn close(fences: &[Fence]) {
    for fence in fences {
        put_up(*fence);
    }
}

#[cfg(target_os = "linux")]
fn put_up(fence: Fence) {
    match fence {
        Fence::Limits => linux::limit(),
        // Errors mean an old kernel; the other fences stand.
        Fence::Landlock => drop(linux::landlock()),
        Fence::Seccomp => drop(linux::seccomp()),
    }
}

#[cfg(not(target_os = "linux"))]
fn put_up(_: Fence) {}

/// Something that a macro must not be able to do, tried from Rust.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Escape {
    /// Reading a file.
    File,
    /// Opening a connection.
    Socket,
    /// Starting a program.
    Process,
}

impl Escape {
    /// The escape with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Escape> {
        match name {
            "file" => Some(Escape::File),
            "socket" => Some(Escape::Socket),
            "process" => Some(Escape::Process),
            _ => None,
        }
    }

    /// Tries it and says what came of it, if the process still lives.
    ///
    /// # Errors
    /// * The output is closed.
    pub fn attempt(self, output: &mut impl Write) -> std::io::Result<()> {
        let done = match self {
            Escape::File => std::fs::read("/etc/passwd").map(drop),
            Escape::Socket => std::net::TcpListener::bind("127.0.0.1:0").map(drop),
            Escape::Process => std::process::Command::new("/bin/true").status().map(drop),
        };
        match done {
            Ok(()) => writeln!(output, "escaped"),
            Err(_) => writeln!(output, "refused"),
        }
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::collections::BTreeMap;

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetError, Scope,
    };
    use rustix::process::{Resource, Rlimit, setrlimit};
    use seccompiler::{
        BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
        SeccompRule,
    };

    /// Address space: stack, heap and what the allocator keeps apart, with plenty of room.
    const MOST_ADDRESSES: u64 = 4 << 30;

    pub(super) fn limit() {
        let limits = [
            (Resource::Nofile, 0),
            (Resource::Fsize, 0),
            (Resource::Core, 0),
            (Resource::Nproc, 0),
            (Resource::As, MOST_ADDRESSES),
        ];
        for (resource, most) in limits {
            let both = Rlimit {
                current: Some(most),
                maximum: Some(most),
            };
            // One that is stricter already stays.
            let _ = setrlimit(resource, both);
        }
    }

    /// No rule is added to the set: everything that it handles is forbidden.
    pub(super) fn landlock() -> Result<(), RulesetError> {
        let abi = ABI::V6;
        let rules = Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?;
        rules.create()?.restrict_self()?;
        Ok(())
    }

    /// What reading frames, computing and allocating need.
    const ALLOWED: &[i64] = &[
        libc::SYS_read,
        libc::SYS_readv,
        libc::SYS_write,
        libc::SYS_writev,
        libc::SYS_close,
        libc::SYS_munmap,
        libc::SYS_mremap,
        libc::SYS_madvise,
        libc::SYS_brk,
        libc::SYS_futex,
        libc::SYS_sched_yield,
        libc::SYS_sched_getaffinity,
        libc::SYS_clock_gettime,
        libc::SYS_getrandom,
        libc::SYS_rt_sigaction,
        libc::SYS_rt_sigprocmask,
        libc::SYS_rt_sigreturn,
        libc::SYS_sigaltstack,
        libc::SYS_restart_syscall,
        libc::SYS_getpid,
        libc::SYS_gettid,
        libc::SYS_rseq,
        libc::SYS_set_robust_list,
        libc::SYS_exit,
        libc::SYS_exit_group,
    ];

    /// What a C library may try by itself (the number of processors, a time zone) and does without: an error
    /// and not the process's end.
    const REFUSED: &[i64] = &[
        libc::SYS_openat,
        libc::SYS_newfstatat,
        libc::SYS_fstat,
        libc::SYS_statx,
        libc::SYS_readlinkat,
        libc::SYS_ioctl,
    ];

    pub(super) fn seccomp() -> Result<(), Box<dyn std::error::Error>> {
        // Of two filters the stricter answer counts.
        let refused = SeccompAction::Errno(libc::EACCES as u32);
        let refuse = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
        apply(SeccompAction::Allow, refused, refuse)?;
        apply(SeccompAction::KillProcess, SeccompAction::Allow, allowed()?)
    }

    fn apply(
        others: SeccompAction,
        these: SeccompAction,
        rules: BTreeMap<i64, Vec<SeccompRule>>,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let filter = SeccompFilter::new(rules, others, these, std::env::consts::ARCH.try_into()?)?;
        let program: BpfProgram = filter.try_into()?;
        Ok(seccompiler::apply_filter_all_threads(&program)?)
    }

    fn allowed() -> Result<BTreeMap<i64, Vec<SeccompRule>>, seccompiler::BackendError> {
        let mut rules: BTreeMap<i64, Vec<SeccompRule>> = ALLOWED
            .iter()
            .chain(REFUSED)
            .map(|call| (*call, Vec::new()))
            .collect();
        // Memory that is never code.
        let no_code = SeccompCmpOp::MaskedEq(libc::PROT_EXEC as u64);
        for call in [libc::SYS_mmap, libc::SYS_mprotect] {
            rules.insert(call, vec![only_if(2, no_code.clone(), 0)?]);
        }
        // A process may end itself by a signal, and nobody else.
        rules.insert(
            libc::SYS_tgkill,
            vec![only_if(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?],
        );
        Ok(rules)
    }

    fn only_if(argument: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompRule, seccompiler::BackendError> {
        SeccompRule::new(vec![SeccompCondition::new(
            argument,
            SeccompCmpArgLen::Dword,
            is,
            value,
        )?])
    }
}
