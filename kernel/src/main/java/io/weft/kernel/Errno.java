package io.weft.kernel;

/**
 * An error number of Linux with its symbol and glibc's words for it, as in errno(3).
 *
 * @param code positive number, e.g. 1
 * @param symbol e.g. {@code EPERM}; {@code E42} for a number without a name here
 * @param text e.g. {@code Operation not permitted}
 */
public record Errno(int code, String symbol, String text) {
    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int E2BIG = 7;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int ENOMEM = 12;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int ENODEV = 19;
    public static final int EINVAL = 22;
    public static final int ENOSPC = 28;
    public static final int ENODATA = 61;
    public static final int EOPNOTSUPP = 95;
    public static final int ECONNABORTED = 103;
    public static final int ENOTSUPP = 524;

    private static final String[] SYMBOLS = new String[134];

    static {
        String names =
                "1 EPERM 2 ENOENT 3 ESRCH 4 EINTR 5 EIO 6 ENXIO 7 E2BIG 8 ENOEXEC 9 EBADF 10 ECHILD"
                        + " 11 EAGAIN 12 ENOMEM 13 EACCES 14 EFAULT 15 ENOTBLK 16 EBUSY 17 EEXIST"
                        + " 18 EXDEV 19 ENODEV 20 ENOTDIR 21 EISDIR 22 EINVAL 23 ENFILE 24 EMFILE"
                        + " 25 ENOTTY 26 ETXTBSY 27 EFBIG 28 ENOSPC 29 ESPIPE 30 EROFS 31 EMLINK"
                        + " 32 EPIPE 33 EDOM 34 ERANGE 35 EDEADLK 36 ENAMETOOLONG 38 ENOSYS"
                        + " 39 ENOTEMPTY 40 ELOOP 61 ENODATA 62 ETIME 71 EPROTO 74 EBADMSG"
                        + " 75 EOVERFLOW 84 EILSEQ 88 ENOTSOCK 89 EDESTADDRREQ 90 EMSGSIZE 92 ENOPROTOOPT"
                        + " 93 EPROTONOSUPPORT 95 EOPNOTSUPP 97 EAFNOSUPPORT 98 EADDRINUSE"
                        + " 99 EADDRNOTAVAIL 100 ENETDOWN 101 ENETUNREACH 103 ECONNABORTED"
                        + " 104 ECONNRESET"
                        + " 105 ENOBUFS 107 ENOTCONN 110 ETIMEDOUT 111 ECONNREFUSED"
                        + " 113 EHOSTUNREACH 114 EALREADY 115 EINPROGRESS";
        String[] words = names.split(" ", -1);
        for (int i = 0; i < words.length; i += 2) {
            SYMBOLS[Integer.parseInt(words[i])] = words[i + 1];
        }
    }

    /** {@return the errno for {@code code}, which may carry the kernel's negative sign} */
    public static Errno of(int code) {
        int positive = Math.abs(code);
        if (positive == ENOTSUPP) { // the kernel's own, unknown to glibc
            return new Errno(positive, "ENOTSUPP", "Operation is not supported");
        }
        String symbol = positive < SYMBOLS.length ? SYMBOLS[positive] : null;
        return new Errno(
                positive, symbol == null ? "E" + positive : symbol, Linux.strerror(positive));
    }

    @Override
    public String toString() {
        return symbol + " (" + text + ")";
    }
}
