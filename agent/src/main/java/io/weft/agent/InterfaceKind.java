package io.weft.agent;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How a workload is attached to the node. */
public enum InterfaceKind {
    /** A routed pair. */
    VETH,
    /** Another plugin's pair: its programs and policy are Weft's, and nothing else. */
    CHAINED,
    /** A pair whose end at the node is a port of a bridge. */
    BRIDGE,
    /** A tap for a virtual machine, joined to the inner end of a routed pair. */
    TAP,
    /**
     * A second MAC on an interface of the node: past the programs, so policy must not select it.
     */
    MACVLAN,
    /** The node's own namespace: no interface, and no policy of pods. */
    HOST;

    /** {@return whether there is an interface where programs are} */
    boolean isPoliced() {
        return this != MACVLAN && this != HOST;
    }

    /** {@return whether the interface was made here, and goes when the workload does} */
    public boolean isOwn() {
        return this != CHAINED;
    }

    /** {@return whether a link in the container's namespace does not end with the node's} */
    boolean hasInnerLink() {
        return this == TAP || this == MACVLAN;
    }

    static Optional<InterfaceKind> tryParse(String text) {
        return Arrays.stream(values()).filter(kind -> kind.toString().equals(text)).findFirst();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
