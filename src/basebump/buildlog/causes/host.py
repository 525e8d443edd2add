"""The builder's own machine: disk, memory, kernel, architecture, system calls."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

ROWS = (
    Cause(
        id="disk-full",
        title="a full disk",
        patterns=(
            r"[Nn]o space left on device",
            r"ENOSPC(?!.*file watchers)",
            r"You don't have enough free space in",
            r"[Dd]isk quota exceeded",
            r"not enough (?:free )?disk space",
        ),
        meaning="The builder ran out of disk space or inodes.",
        remedy="Prune images and caches on the builder (`docker system prune`, `df -i`) or give it "
        "a larger disk; the change itself is rarely at fault.",
        link="https://docs.docker.com/engine/manage-resources/pruning/",
    ),
    Cause(
        id="out-of-memory",
        title="a builder out of memory",
        patterns=(
            r"JavaScript heap out of memory",
            r"java\.lang\.OutOfMemoryError",
            r"fatal error: Killed signal terminated program",
            r"virtual memory exhausted",
            r"[Cc]annot allocate memory",
            r"signal: killed$|subprocess exited on killed",
            r"npm (?:ERR!|error) signal SIGKILL",
            r"^(?:/bin/\w+: line \d+: +\d+ )?Killed(?:$| {2,})",
        ),
        exits=frozenset({137}),
        meaning="The kernel killed the process (exit code 137), or a runtime met its own limit.",
        remedy="Give the builder more memory, run fewer jobs at once, or raise the runtime's own "
        "limit (`--max-old-space-size`, `-Xmx`).",
        link="https://docs.docker.com/engine/containers/resource_constraints/#understand-the-risks-of-running-out-of-memory",
    ),
    Cause(
        id="kernel-too-old",
        title="a kernel too old for the base image's libc",
        patterns=(r"FATAL: kernel too old",),
        meaning="The C library of the base image needs a newer kernel than the builder has.",
        remedy="Upgrade the builder's kernel, or stay on a base whose libc still supports it.",
        link="https://sourceware.org/glibc/wiki/Release/2.26#Increased_Minimum_Linux_Kernel_Version",
    ),
    Cause(
        id="seccomp",
        title="a system call that the builder's seccomp profile refuses",
        patterns=(
            r"(?:clone3|faccessat2?|statx|openat2|fchmodat2|rseq|close_range)\b.*[Oo]peration not permitted",
            r"seccomp filter rule for syscall",
            r"pthread_create failed: Operation not permitted",
            r"APT::Update::Post-Invoke",
            r"RuntimeError: can't start new thread",
            r"uv_thread_create|WorkerThreadsTaskRunner::DelayedTaskScheduler",
            r"Couldn't create temporary file /tmp/apt\.conf",
            r"ThreadPoolBuildError.*Operation not permitted",
            r"make: \S+: Operation not permitted",
            r"^(?!.{0,300}(?:chown|chmod|ownership|setcap|capabilit|mknod|mount|sudo|setuid)).{0,600}[Oo]peration not permitted",
        ),
        meaning="A newer base image makes system calls (clone3, faccessat2, statx) that an old "
        "Docker, runc or libseccomp on the builder answers with EPERM.",
        remedy="Upgrade Docker, runc and libseccomp on the builder. To confirm, and only for that, "
        "run the image once with `--security-opt seccomp=unconfined`.",
        link="https://github.com/docker-library/official-images/issues/16829",
    ),
    Cause(
        id="exec-format",
        title="a binary of another architecture",
        patterns=(
            r"[Ee]xec format error",
            r"cannot execute binary file",
            r"\.buildkit_qemu_emulator",
            r"qemu: uncaught target signal",
        ),
        meaning="An image or a program is for another CPU than the builder's, or qemu is missing.",
        remedy="Set `--platform`, take the multi-platform tag, or install binfmt/qemu on the "
        "builder; a script without `#!` gives the same error.",
        link="https://docs.docker.com/build/building/multi-platform/",
    ),
    Cause(
        id="segfault",
        title="a crash in native code",
        patterns=(r"[Ss]egmentation fault", r"SIGSEGV", r"SIGILL|[Ii]llegal instruction"),
        exits=frozenset({139, 132}),
        meaning="A program crashed. A base as old as CentOS 6 does so on a kernel without vsyscall; "
        "otherwise a native module of another libc or CPU is the usual reason.",
        remedy="Rebuild native modules inside the new base; for an old base, boot the builder with "
        "`vsyscall=emulate` or move on.",
        link="https://docs.kernel.org/admin-guide/kernel-parameters.html",
    ),
    Cause(
        id="daemon-unreachable",
        title="a builder that was not there",
        patterns=(
            r"Cannot connect to the Docker daemon",
            r"docker: command not found",
            r"error during connect: ",
            r"no builder \"[^\"]{0,80}\" found",
            r"failed to list workers",
        ),
        meaning="The job never reached a Docker daemon or a BuildKit instance.",
        remedy="Start the daemon or the docker:dind service of the job and check DOCKER_HOST.",
        link="https://docs.docker.com/engine/daemon/troubleshoot/",
    ),
)
