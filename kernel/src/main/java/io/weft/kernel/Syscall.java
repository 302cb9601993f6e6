package io.weft.kernel;

/**
 * The system calls in use, with their numbers (include/uapi/asm-generic/unistd.h for aarch64,
 * arch/x86/entry/syscalls/syscall_64.tbl for x86-64).
 */
enum Syscall {
    READ(0, 63),
    WRITE(1, 64),
    CLOSE(3, 57),
    MMAP(9, 222),
    MUNMAP(11, 215),
    IOCTL(16, 29),
    SOCKET(41, 198),
    CONNECT(42, 203),
    SENDTO(44, 206),
    RECVFROM(45, 207),
    SENDMSG(46, 211),
    RECVMSG(47, 212),
    SHUTDOWN(48, 210),
    BIND(49, 200),
    LISTEN(50, 201),
    GETSOCKNAME(51, 204),
    SETSOCKOPT(54, 208),
    GETSOCKOPT(55, 209),
    FCNTL(72, 25),
    STATFS(137, 43),
    MOUNT(165, 40),
    UMOUNT2(166, 39),
    GETTID(186, 178),
    SCHED_SETSCHEDULER(144, 119),
    SCHED_SETAFFINITY(203, 122),
    SCHED_GETAFFINITY(204, 123),
    OPENAT(257, 56),
    UNSHARE(272, 97),
    EPOLL_CTL(233, 21),
    EPOLL_PWAIT(281, 22),
    ACCEPT4(288, 242),
    EVENTFD2(290, 19),
    EPOLL_CREATE1(291, 20),
    SETNS(308, 268),
    BPF(321, 280),
    STATX(332, 291);

    private static final boolean AARCH64 =
            System.getProperty("os.arch", "").equalsIgnoreCase("aarch64");

    private final int x86;
    private final int arm;

    Syscall(int x86, int arm) {
        this.x86 = x86;
        this.arm = arm;
    }

    long number() {
        return AARCH64 ? arm : x86;
    }
}
