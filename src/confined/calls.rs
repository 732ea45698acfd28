//! What a process that decodes may ask of the kernel (seccomp): memory, threads, clocks, reading
//! files, its own pipes. No network, no other process, nothing made on a disk, and nothing written
//! but what one that exports may open to write, which is limited elsewhere (landlock). Whatever is
//! not listed fails as forbidden; nothing is killed for asking.

use std::collections::BTreeMap;

use nix::libc::{self, c_long};
use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

/// Calls that are allowed whatever their arguments.
const FREE: &[c_long] = &[
    libc::SYS_brk,
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_close,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_faccessat,
    libc::SYS_fadvise64,
    libc::SYS_fcntl,
    libc::SYS_fstat,
    libc::SYS_futex,
    libc::SYS_getcpu,
    libc::SYS_getpid,
    libc::SYS_getppid,
    libc::SYS_getrandom,
    libc::SYS_getrusage,
    libc::SYS_gettid,
    libc::SYS_gettimeofday,
    libc::SYS_lseek,
    libc::SYS_madvise,
    libc::SYS_membarrier,
    libc::SYS_mmap,
    libc::SYS_mprotect,
    libc::SYS_mremap,
    libc::SYS_munmap,
    libc::SYS_nanosleep,
    libc::SYS_newfstatat,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_read,
    libc::SYS_readlinkat,
    libc::SYS_readv,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_getparam,
    libc::SYS_sched_getscheduler,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    libc::SYS_statx,
    libc::SYS_sysinfo,
    libc::SYS_uname,
    libc::SYS_write,
    libc::SYS_writev,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_access,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_arch_prctl,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lstat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_poll,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_readlink,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_stat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_time,
];

/// Puts the list into force for this thread and those that it starts, for good. `writes` lets it
/// open files to write, which this list cannot tell one from another.
///
/// # Errors
/// Where the kernel has no such filters, or the machine is of a kind that the list is not made for.
pub(super) fn restrict(writes: bool) -> Result<(), Error> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    // First what is missing: the list itself would forbid a second filter. The arguments of this
    // call cannot be looked at; "not there" makes the C library take the older one.
    let newer = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let missing = SeccompAction::Errno(libc::ENOSYS as u32);
    apply(SeccompFilter::new(
        newer,
        SeccompAction::Allow,
        missing,
        arch,
    )?)?;
    let own = u64::from(std::process::id());
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> =
        FREE.iter().map(|&call| (call, Vec::new())).collect();
    // Reading only: neither writing nor making a file. What is written over is asked for as if it
    // were to be made.
    let unnamed = libc::O_TMPFILE & !libc::O_DIRECTORY;
    let denied = match writes {
        true => unnamed,
        false => libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC | unnamed,
    } as u64;
    rules.insert(libc::SYS_openat, vec![masked(2, denied, 0)?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![masked(1, denied, 0)?]);
    // Threads, not processes.
    let thread = libc::CLONE_THREAD as u64;
    rules.insert(libc::SYS_clone, vec![masked(0, thread, thread)?]);
    rules.insert(libc::SYS_clone3, Vec::new());
    // Signals to itself, as an abort sends one.
    rules.insert(libc::SYS_tgkill, vec![equal(0, own)?]);
    // Its own limits, which can only be kept or lowered beyond what was set.
    rules.insert(libc::SYS_prlimit64, vec![equal(0, 0)?, equal(0, own)?]);
    // Names of threads and of memory.
    const PR_SET_VMA: u64 = 0x5356_4d41;
    let named = [libc::PR_SET_NAME as u64, PR_SET_VMA];
    let named: Result<Vec<_>, Error> = named.iter().map(|&option| equal(0, option)).collect();
    rules.insert(libc::SYS_prctl, named?);
    if writes {
        // Encoders place their threads and memory near the processors; x265 gives up its threads
        // where it may not ask for them.
        rules.insert(libc::SYS_get_mempolicy, Vec::new());
        rules.insert(libc::SYS_set_mempolicy, Vec::new());
        rules.insert(
            libc::SYS_sched_setaffinity,
            vec![equal(0, 0)?, equal(0, own)?],
        );
    }
    let forbidden = SeccompAction::Errno(libc::EPERM as u32);
    apply(SeccompFilter::new(
        rules,
        forbidden,
        SeccompAction::Allow,
        arch,
    )?)
}

fn apply(filter: SeccompFilter) -> Result<(), Error> {
    let program: BpfProgram = filter.try_into()?;
    seccompiler::apply_filter(&program)
}

/// A rule that holds where these bits of an argument have this value.
fn masked(argument: u8, mask: u64, value: u64) -> Result<SeccompRule, Error> {
    rule(argument, SeccompCmpOp::MaskedEq(mask), value)
}

fn equal(argument: u8, value: u64) -> Result<SeccompRule, Error> {
    rule(argument, SeccompCmpOp::Eq, value)
}

fn rule(argument: u8, operation: SeccompCmpOp, value: u64) -> Result<SeccompRule, Error> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operation, value)?;
    Ok(SeccompRule::new(vec![condition])?)
}
