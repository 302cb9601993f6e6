package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrnoTest {
    @ParameterizedTest
    @CsvSource({
        "1, EPERM, Operation not permitted",
        "17, EEXIST, File exists",
        "19, ENODEV, No such device",
        "22, EINVAL, Invalid argument",
        "95, EOPNOTSUPP, Operation not supported",
        "105, ENOBUFS, No buffer space available",
        "524, ENOTSUPP, Operation is not supported",
        "133, E133, Memory page has hardware error",
        "5000, E5000, Unknown error 5000"
    })
    void namesAndExplains(int code, String symbol, String text) {
        assertThat(Errno.of(code)).isEqualTo(new Errno(code, symbol, text));
        assertThat(Errno.of(-code)).isEqualTo(Errno.of(code));
        assertThat(Errno.of(code)).hasToString(symbol + " (" + text + ")");
    }

    @Test
    void constantsAreTheirNumbers() {
        assertThat(Errno.of(Errno.EAGAIN).symbol()).isEqualTo("EAGAIN");
        assertThat(Errno.of(Errno.ENOSPC).symbol()).isEqualTo("ENOSPC");
        assertThat(Errno.of(Errno.ENODATA).symbol()).isEqualTo("ENODATA");
        assertThat(Errno.of(Errno.E2BIG).symbol()).isEqualTo("E2BIG");
    }
}
