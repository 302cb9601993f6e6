package io.weft.flow;

import io.weft.tables.EventType;
import io.weft.tables.Identities;
import io.weft.tables.Reason;
import io.weft.tables.Rule;
import java.time.Duration;
import java.util.Locale;

/** Parts of a flow in words. */
final class FlowText {
    private FlowText() {}

    /** {@return {@code shop/web:43512}, {@code 10.0.0.1:22 (host)}, {@code [fd00::1]:53}} */
    static String end(Flow flow, FlowEnd end) {
        String port = flow.hasPorts() ? ":" + end.port() : "";
        return end.pod()
                .map(pod -> pod.ref().path() + port)
                .orElseGet(() -> address(end, port) + reserved(end));
    }

    /** {@return the same with the address always there} */
    static String endInFull(Flow flow, FlowEnd end) {
        String port = flow.hasPorts() ? ":" + end.port() : "";
        String labels = end.pod().map(pod -> pod.labels().toString()).orElse("");
        return end(flow, end)
                + (end.pod().isPresent() ? " (" + address(end, port) + ")" : "")
                + (labels.isEmpty() ? "" : " " + labels)
                + " identity "
                + Integer.toUnsignedString(end.identity());
    }

    private static String address(FlowEnd end, String port) {
        if (!end.hasIp()) {
            return "?";
        }
        return end.ip().isV4() || port.isEmpty() ? end.ip() + port : "[" + end.ip() + "]" + port;
    }

    private static String reserved(FlowEnd end) {
        return switch (end.identity()) {
            case Identities.HOST -> " (host)";
            case Identities.WORLD -> end.hasIp() ? " (world)" : "";
            default -> "";
        };
    }

    /** {@return {@code TCP} or {@code ICMPv4 EchoRequest}} */
    static String protocol(Flow flow) {
        if (!Protocols.isIcmp(flow.protocol())) {
            return flow.protocolName();
        }
        return flow.protocolName()
                + " "
                + Protocols.icmpType(flow.protocol(), flow.icmpType())
                        .orElse("type " + flow.icmpType());
    }

    static String type(EventType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    /** {@return why, for the end of a line: what happened, then the rule} */
    static String summary(Flow flow) {
        return switch (flow.type()) {
            case OPENED -> rule(flow);
            case CHANGED -> "changed " + reasonAndRule(flow);
            case CLOSED -> "closed " + counts(flow) + " " + reasonAndRule(flow);
            case DENIED, DROPPED, AUDIT -> reasonAndRule(flow);
        };
    }

    private static String reasonAndRule(Flow flow) {
        if (flow.reason() == Reason.FORWARDED) {
            return rule(flow);
        }
        String culprit =
                flow.observer()
                        .filter(_ -> flow.rule().isEmpty())
                        .map(observer -> " at " + observer.path())
                        .orElse("");
        return flow.reason() + culprit + flow.rule().map(_ -> " " + rule(flow)).orElse("");
    }

    /** A rule of a policy reads on after "by"; the others are sentences of their own. */
    private static String rule(Flow flow) {
        return flow.rule()
                .map(rule ->
                        rule.rule().orElse(null) instanceof Rule.OfPolicy
                                ? "by " + rule.brief()
                                : "(" + rule.brief() + ")")
                .orElse("");
    }

    private static String counts(Flow flow) {
        Traffic t = flow.traffic();
        return "after "
                + flow.duration().map(FlowText::seconds).orElse("?")
                + ", "
                + t.sourcePackets()
                + "+"
                + t.destinationPackets()
                + " packets, "
                + t.sourceBytes()
                + "+"
                + t.destinationBytes()
                + " bytes";
    }

    /** {@return {@code 1.204s}} */
    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.3fs", duration.toNanos() / 1e9);
    }
}
