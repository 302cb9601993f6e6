package io.weft.datapath;

import io.weft.tables.ConnectionKey;
import io.weft.tables.ConnectionValue;
import io.weft.tables.TranslationKey;
import io.weft.tables.TranslationValue;
import java.time.Duration;

/**
 * How long a connection may be silent before it counts as ended.
 *
 * @param tcpOpening the responder has not answered yet
 * @param tcpOpen RFC 5382, REQ-5: not less than 2 hours and 4 minutes
 * @param tcpHalfClosed one end has sent its FIN; RFC 5382, REQ-5: not less than 4 minutes
 * @param tcpClosed time for what is still on its way
 * @param udpUnanswered RFC 4787, REQ-5: not less than 2 minutes
 * @param udp answered; RFC 4787, REQ-5 recommends 5 minutes
 * @param icmp RFC 5508, REQ-1: not less than 60 seconds
 * @param other any other protocol
 */
public record Timeouts(
        Duration tcpOpening,
        Duration tcpOpen,
        Duration tcpHalfClosed,
        Duration tcpClosed,
        Duration udpUnanswered,
        Duration udp,
        Duration icmp,
        Duration other) {
    public static final Timeouts DEFAULT =
            new Timeouts(
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(124),
                    Duration.ofMinutes(4),
                    Duration.ofSeconds(10),
                    Duration.ofMinutes(2),
                    Duration.ofMinutes(5),
                    Duration.ofSeconds(60),
                    Duration.ofMinutes(10));

    private static final int ICMP = 1;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int ICMP6 = 58;

    /** {@return how long this connection may be silent} */
    public Duration of(ConnectionKey key, ConnectionValue connection) {
        boolean replied = connection.has(ConnectionValue.REPLIED);
        return switch (key.protocol()) {
            case TCP -> {
                if (connection.has(ConnectionValue.CLOSED)) {
                    yield tcpClosed;
                }
                if (connection.has(ConnectionValue.FIN_OPENER)
                        || connection.has(ConnectionValue.FIN_RESPONDER)) {
                    yield tcpHalfClosed;
                }
                yield replied ? tcpOpen : tcpOpening;
            }
            case UDP -> replied ? udp : udpUnanswered;
            case ICMP, ICMP6 -> icmp;
            default -> other;
        };
    }

    /**
     * {@return how long a translated connection may be silent; whether it was answered is not
     * known}
     */
    Duration of(TranslationKey key, TranslationValue translation) {
        return switch (key.protocol()) {
            case TCP -> {
                if (translation.has(TranslationValue.CLOSING)) {
                    yield tcpHalfClosed;
                }
                // the client alone is seen, whose ACK says that it was answered
                boolean opening =
                        translation.has(TranslationValue.DIRECT)
                                && !key.reverse()
                                && !translation.has(TranslationValue.ANSWERED);
                yield opening ? tcpOpening : tcpOpen;
            }
            case UDP -> udp;
            default -> other;
        };
    }
}
