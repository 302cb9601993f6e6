package io.weft.flow;

import io.weft.model.Ip;
import io.weft.model.LabelSelector;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.EventType;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Predicate;

/** What each filter flag's value means. */
final class FlowTests {
    private FlowTests() {}

    /**
     * @throws FlowFilterException when the value is none
     */
    static Predicate<Flow> of(FlowFlag flag, String value) {
        return switch (flag) {
            case POD -> {
                Predicate<Ref> pod = pod(flag, value);
                yield either(named(pod)).or(flow -> flow.observer().filter(pod).isPresent());
            }
            case FROM_POD -> from(named(pod(flag, value)));
            case TO_POD -> to(named(pod(flag, value)));
            case NAMESPACE -> either(namespace(value));
            case FROM_NAMESPACE -> from(namespace(value));
            case TO_NAMESPACE -> to(namespace(value));
            case IP -> either(ip(flag, value));
            case FROM_IP -> from(ip(flag, value));
            case TO_IP -> to(ip(flag, value));
            case PORT -> withPorts(either(port(flag, value)));
            case FROM_PORT -> withPorts(from(port(flag, value)));
            case TO_PORT -> withPorts(to(port(flag, value)));
            case LABEL -> either(label(flag, value));
            case FROM_LABEL -> from(label(flag, value));
            case TO_LABEL -> to(label(flag, value));
            case PROTOCOL -> protocol(flag, value);
            case VERDICT -> {
                FlowVerdict verdict = constant(flag, value, FlowVerdict.values());
                yield flow -> flow.verdict() == verdict;
            }
            case TYPE -> {
                EventType type = constant(flag, value, EventType.values());
                yield flow -> flow.type() == type;
            }
            case NOT, SINCE, LAST, FIRST ->
                    throw new IllegalArgumentException(flag + " is no filter");
        };
    }

    private static Predicate<Flow> from(Predicate<FlowEnd> end) {
        return flow -> end.test(flow.source());
    }

    private static Predicate<Flow> to(Predicate<FlowEnd> end) {
        return flow -> end.test(flow.destination());
    }

    private static Predicate<Flow> either(Predicate<FlowEnd> end) {
        return from(end).or(to(end));
    }

    private static Predicate<Flow> withPorts(Predicate<Flow> ports) {
        return flow -> flow.hasPorts() && ports.test(flow);
    }

    private static Predicate<FlowEnd> named(Predicate<Ref> pod) {
        return end -> end.pod().map(NamedPod::ref).filter(pod).isPresent();
    }

    private static Predicate<Ref> pod(FlowFlag flag, String value) {
        int slash = value.indexOf('/');
        String namespace = slash < 0 ? "" : value.substring(0, slash);
        String name = value.substring(slash + 1);
        if (slash == 0 || name.contains("/")) {
            throw new FlowFilterException(
                    flag.toString(), "'" + value + "' is not [NAMESPACE/]NAME, such as shop/web");
        }
        return ref ->
                (namespace.isEmpty() || ref.namespace().equals(namespace))
                        && ref.name().startsWith(name);
    }

    private static Predicate<FlowEnd> namespace(String value) {
        return named(ref -> ref.namespace().equals(value));
    }

    private static Predicate<FlowEnd> ip(FlowFlag flag, String value) {
        Optional<Ip> ip = Ip.tryParse(value);
        if (ip.isPresent()) {
            return end -> end.ip().equals(ip.get());
        }
        Prefix block =
                Prefix.tryParse(value)
                        .orElseThrow(() ->
                                new FlowFilterException(
                                        flag.toString(),
                                        "'"
                                                + value
                                                + "' is neither an address nor a CIDR"
                                                + " block, such as 10.0.0.1 or"
                                                + " 10.0.0.0/8"));
        return end -> end.hasIp() && block.contains(end.ip());
    }

    private static Predicate<FlowEnd> port(FlowFlag flag, String value) {
        int port = value.matches("0|[1-9][0-9]{0,4}") ? Integer.parseInt(value) : 65536;
        if (port > 65535) {
            throw new FlowFilterException(
                    flag.toString(), "'" + value + "' is not a port, 0 to 65535");
        }
        return end -> end.port() == port;
    }

    private static Predicate<FlowEnd> label(FlowFlag flag, String value) {
        LabelSelector selector;
        try {
            selector = SelectorText.parse(value);
        } catch (IllegalArgumentException e) {
            throw new FlowFilterException(
                    flag.toString(), e.getMessage() + " in the label selector '" + value + "'");
        }
        return end -> end.pod().map(NamedPod::labels).filter(selector::matches).isPresent();
    }

    private static Predicate<Flow> protocol(FlowFlag flag, String value) {
        if (value.equalsIgnoreCase("icmp")) {
            return flow -> flow.isIp() && Protocols.isIcmp(flow.protocol());
        }
        OptionalInt number = Protocols.number(value);
        if (number.isEmpty()) {
            throw new FlowFilterException(
                    flag.toString(), "'" + value + "' is none of " + flag.help());
        }
        int protocol = number.getAsInt();
        return flow -> flow.isIp() && flow.protocol() == protocol;
    }

    private static <E extends Enum<E>> E constant(FlowFlag flag, String value, E[] all) {
        for (E each : all) {
            if (each.name().equalsIgnoreCase(value)) {
                return each;
            }
        }
        throw new FlowFilterException(
                flag.toString(),
                "'"
                        + value
                        + "' is none of "
                        + Arrays.toString(all).toLowerCase(Locale.ROOT).replaceAll("[\\[\\]]", ""));
    }
}
