package io.weft.cni;

import io.weft.model.Labels;
import java.util.Arrays;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * The keys of a config that are Weft's own; the table is in the package's documentation.
 *
 * @param bridge the bridge's name, of {@link InterfaceType#BRIDGE}
 * @param master the host's interface, of {@link InterfaceType#MACVLAN}
 * @param tap of {@link InterfaceType#TAP}
 * @param mtu bytes; nothing takes that of the node
 * @param pool where addresses come from; nothing takes the default
 * @param namespace whose policies hold for the container, unless the runtime says the pod's
 * @param labels what policies select it by, unless the node knows the pod
 * @param delegate config of another plugin that makes the interface, in its order
 */
public record WeftSettings(
        InterfaceType interfaceType,
        Optional<String> bridge,
        Optional<String> master,
        MacvlanMode mode,
        Tap tap,
        OptionalInt mtu,
        boolean ipMasq,
        Optional<String> pool,
        String namespace,
        Labels labels,
        Optional<Map<String, Object>> delegate) {
    /** Those of an empty config. */
    public static final WeftSettings DEFAULT =
            new WeftSettings(
                    InterfaceType.VETH,
                    Optional.empty(),
                    Optional.empty(),
                    MacvlanMode.BRIDGE,
                    Tap.DEFAULT,
                    OptionalInt.empty(),
                    false,
                    Optional.empty(),
                    "default",
                    Labels.EMPTY,
                    Optional.empty());

    private static final long MAX_ID = 0xffff_fffeL; // of a uid or gid: 0xffffffff is none

    /** How the container is attached. */
    public enum InterfaceType {
        /** A routed pair; no bridge. */
        VETH,
        /** A pair whose host end is a port of a bridge. */
        BRIDGE,
        /** A second address on an interface of the host. */
        MACVLAN,
        /** The host's own namespace. */
        HOST,
        /** A tap for a virtual machine in the container. */
        TAP;

        static Optional<InterfaceType> tryParse(String text) {
            return byName(values(), text);
        }
    }

    /** As in {@code ip link add type macvlan mode}. */
    public enum MacvlanMode {
        BRIDGE,
        PRIVATE,
        VEPA,
        PASSTHRU;

        static Optional<MacvlanMode> tryParse(String text) {
            return byName(values(), text);
        }
    }

    /**
     * Who may open a tap, and how.
     *
     * @param multiQueue with several queues
     * @param owner uid; empty: any that may open /dev/net/tun
     * @param group gid likewise
     */
    public record Tap(boolean multiQueue, OptionalLong owner, OptionalLong group) {
        static final Tap DEFAULT = new Tap(false, OptionalLong.empty(), OptionalLong.empty());
    }

    private static <E extends Enum<E>> Optional<E> byName(E[] values, String text) {
        return Arrays.stream(values)
                .filter(v -> v.name().toLowerCase(Locale.ROOT).equals(text))
                .findFirst();
    }

    private static String names(Enum<?>[] values) {
        return "one of "
                + Arrays.stream(values)
                        .map(v -> v.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "));
    }

    static WeftSettings read(Section in, boolean chained) {
        InterfaceType type =
                in.value("interface", InterfaceType::tryParse, names(InterfaceType.values()))
                        .orElse(InterfaceType.VETH);
        Optional<String> bridge =
                in.value("bridge", WeftSettings::link, "a name of " + Values.INTERFACE_FORM);
        Optional<String> master =
                in.value("master", WeftSettings::link, "a name of " + Values.INTERFACE_FORM);
        Optional<MacvlanMode> mode =
                in.value("mode", MacvlanMode::tryParse, names(MacvlanMode.values()));
        if (!chained) {
            needs(in, type, InterfaceType.MACVLAN, "master", "the host's interface");
            needs(in, type, InterfaceType.BRIDGE, "bridge", "the bridge");
        }
        return new WeftSettings(
                type,
                bridge,
                master,
                mode.orElse(MacvlanMode.BRIDGE),
                tap(in, type),
                in.integer("mtu", 68, 65535),
                in.flag("ipMasq"),
                in.text("pool"),
                in.text("namespace").orElse("default"),
                Labels.of(in.textMap("labels")),
                delegate(in));
    }

    private static Tap tap(Section in, InterfaceType type) {
        if (type != InterfaceType.TAP) {
            return Tap.DEFAULT;
        }
        if (in.has("selinuxContext")) {
            in.wrong("selinuxContext", "must be absent: the tap has the label of the agent");
        }
        return new Tap(
                in.flag("multiQueue"),
                in.number("owner", 0, MAX_ID),
                in.number("group", 0, MAX_ID));
    }

    private static Optional<String> link(String text) {
        return Optional.of(text).filter(Values::isInterface);
    }

    private static void needs(
            Section in, InterfaceType type, InterfaceType needing, String key, String what) {
        if (type == needing && !in.has(key)) {
            in.wrong(
                    key,
                    "missing: interface "
                            + needing.name().toLowerCase(Locale.ROOT)
                            + " needs the name of "
                            + what);
        }
    }

    private static Optional<Map<String, Object>> delegate(Section in) {
        Optional<Section> section = in.section("delegate");
        if (section.isEmpty()) {
            return Optional.empty();
        }
        Section delegate = section.get();
        Optional<String> type = delegate.text("type");
        if (type.isEmpty()) {
            delegate.wrong("type", "missing: must be the name of a plugin in CNI_PATH");
        } else if (type.get().contains("/")) {
            delegate.wrong(
                    "type", Values.shown(type.get()) + ": must be a plugin's name, not a path");
        }
        if (in.has("interface")) {
            in.wrong("interface", "must be absent: the delegate makes the interface");
        }
        return Optional.of(Collections.unmodifiableMap(delegate.map()));
    }
}
