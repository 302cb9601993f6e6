package io.weft.datapath;

import io.weft.bpf.BpfMap;
import io.weft.kernel.Mapping;
import io.weft.model.Ip;
import io.weft.tables.ServiceStateValue;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code weft_service_state}: which address of the node takes the place of clients', and the
 * generation of the services, at which a translation was last seen to hold.
 */
final class ServiceState implements AutoCloseable {
    private static final VarHandle GENERATION = ValueLayout.JAVA_INT.varHandle();

    private final Mapping mapping;
    private List<Ip> defaults = List.of();
    private boolean written;
    private Set<Ip> taking = Set.of();

    ServiceState(BpfMap map) {
        mapping = map.map(true);
    }

    /** Of the node, for when the tables name none. */
    void setDefaults(List<Ip> addresses) {
        written = written && defaults.equals(addresses);
        defaults = List.copyOf(addresses);
    }

    /** {@return whether nothing has changed since the last {@link #next}} */
    boolean isWritten() {
        return written;
    }

    /** Takes the first address of each family. */
    void takeThePlaceOfClients(List<Ip> addresses) {
        Optional<Ip> ip4 = first(addresses, true).or(() -> first(defaults, true));
        Optional<Ip> ip6 = first(addresses, false).or(() -> first(defaults, false));
        new ServiceStateValue(0, ip4, ip6).writeAddresses(mapping.segment(), 0);
        Set<Ip> now = new LinkedHashSet<>();
        ip4.ifPresent(now::add);
        ip6.ifPresent(now::add);
        taking = now;
    }

    Set<Ip> takingThePlaceOfClients() {
        return taking;
    }

    private static Optional<Ip> first(List<Ip> addresses, boolean v4) {
        return addresses.stream().filter(ip -> ip.isV4() == v4).findFirst();
    }

    /** From here on each translation is to be looked at before it is used again. */
    void next() {
        GENERATION.getAndAdd(mapping.segment(), (long) ServiceStateValue.GENERATION_OFFSET, 1);
        written = true;
    }

    @Override
    public void close() {
        mapping.close();
    }
}
