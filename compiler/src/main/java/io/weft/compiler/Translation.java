package io.weft.compiler;

import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import java.util.List;
import java.util.Optional;

/** What services make of the first packet of a flow, on one node. */
public sealed interface Translation {
    /** It goes where it says. */
    record NotAService() implements Translation {}

    /**
     * It goes to one of these, each as likely as any other.
     *
     * @param targets never empty, in order of address
     */
    record ToBackends(
            FrontendKey key,
            Frontend frontend,
            BackendSet.Id set,
            Frontend.Client client,
            List<Target> targets)
            implements Translation {
        public ToBackends {
            targets = List.copyOf(targets);
        }
    }

    /**
     * TCP RST, or ICMP port unreachable: nobody serves it.
     *
     * @param frontend empty: the service has no such port
     */
    record Rejected(FrontendKey key, Optional<Frontend> frontend) implements Translation {}

    /** Silence. */
    record Dropped(FrontendKey key, Reason reason) implements Translation {}

    /**
     * @param masquerade whether the backend sees this node's address instead of the client's
     */
    record Target(Backend backend, boolean masquerade) {}

    /** Why a packet is dropped. */
    enum Reason {
        NO_LOCAL_ENDPOINT("the traffic policy is Local, and no endpoint is on this node"),
        SOURCE_RANGE("the client is not in loadBalancerSourceRanges"),
        NO_SERVICE("the address is reserved for services, and none has it");

        private final String text;

        Reason(String text) {
            this.text = text;
        }

        /** {@return for people} */
        public String text() {
            return text;
        }
    }
}
