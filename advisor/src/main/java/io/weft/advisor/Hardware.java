package io.weft.advisor;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What a machine offers. What could not be found out is unknown, and never taken for absent.
 *
 * @param detected whether it was read from this machine; false when the need declares it
 * @param kernel {@code 6.18}
 * @param nicGbps speed of the fastest interface
 * @param facts for people: what was found, and where
 */
public record Hardware(
        boolean detected,
        Map<Capability, Presence> capabilities,
        Optional<String> kernel,
        OptionalDouble nicGbps,
        OptionalInt numaNodes,
        List<String> facts) {
    public Hardware {
        Map<Capability, Presence> all = new EnumMap<>(Capability.class);
        for (Capability capability : Capability.values()) {
            all.put(capability, capabilities.getOrDefault(capability, Presence.UNKNOWN));
        }
        capabilities = Map.copyOf(all);
        facts = List.copyOf(facts);
    }

    /** Whether something is there. */
    public enum Presence {
        YES,
        NO,
        UNKNOWN
    }

    /** {@return a machine of which nothing is known} */
    public static Hardware unknown() {
        return new Hardware(
                false,
                Map.of(),
                Optional.empty(),
                OptionalDouble.empty(),
                OptionalInt.empty(),
                List.of());
    }

    public Presence of(Capability capability) {
        return capabilities.getOrDefault(capability, Presence.UNKNOWN);
    }
}
