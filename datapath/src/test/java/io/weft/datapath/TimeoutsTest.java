package io.weft.datapath;

import static io.weft.tables.ConnectionValue.CLOSED;
import static io.weft.tables.ConnectionValue.FIN_OPENER;
import static io.weft.tables.ConnectionValue.FIN_RESPONDER;
import static io.weft.tables.ConnectionValue.FROM_B;
import static io.weft.tables.ConnectionValue.REPLIED;
import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Ip;
import io.weft.tables.ConnectionKey;
import io.weft.tables.ConnectionValue;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimeoutsTest {
    @ParameterizedTest
    @CsvSource({
        "6,   0,                             PT1M",
        "6,   " + REPLIED + ",                PT124M",
        "6,   " + (REPLIED | FROM_B) + ",     PT124M",
        "6,   " + (REPLIED | FIN_OPENER) + ", PT4M",
        "6,   " + FIN_RESPONDER + ",          PT4M",
        "6,   " + (REPLIED | FIN_OPENER | FIN_RESPONDER | CLOSED) + ", PT10S",
        "17,  0,                             PT2M",
        "17,  " + REPLIED + ",                PT5M",
        "1,   " + REPLIED + ",                PT1M",
        "58,  0,                             PT1M",
        "132, " + REPLIED + ",                PT10M",
    })
    void aConnectionMayBeSilentFor(int protocol, int flags, Duration expected) {
        Ip ip = Ip.parse("10.0.0.1");
        ConnectionKey key = new ConnectionKey(ip, 1, ip.plus(1), 2, protocol);
        ConnectionValue value = new ConnectionValue(0, 0, 0, 0, 0, 0, 0, flags, 0, 0, 0, 0, 0, 0);

        assertThat(Timeouts.DEFAULT.of(key, value)).isEqualTo(expected);
    }
}
