package io.weft.model;

import io.weft.model.Pod.ContainerPort;
import io.weft.model.Pod.HostPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Reads {@code hostPort} and {@code hostIP} of the ports of a pod's containers. */
final class HostPortReader {
    private final boolean hostNetwork;
    private final List<HostPort> found = new ArrayList<>();

    /**
     * @param hostNetwork whether the pod has the ports of the node anyway: none is made then
     */
    HostPortReader(boolean hostNetwork) {
        this.hostNetwork = hostNetwork;
    }

    boolean hostNetwork() {
        return hostNetwork;
    }

    List<HostPort> found() {
        return List.copyOf(found);
    }

    /** Reads what {@code port} says beside what is {@code known} of it. */
    void read(Field port, ContainerPort known) {
        Optional<Ip> ip =
                port.child("hostIP")
                        .filter(f -> !f.text().orElse("").isEmpty())
                        .flatMap(f -> f.text(PodReader::notIp))
                        .flatMap(Ip::tryParse);
        Optional<Field> there = port.child("hostPort");
        OptionalInt number = there.map(Field::integer).orElse(OptionalInt.empty());
        if (there.isEmpty()
                || number.orElse(0) == 0 // as if it was not there
                || !there.get().ok(Names.portNumber(number.getAsInt()))) {
            return;
        }
        boolean same = number.getAsInt() == known.number();
        if (hostNetwork) {
            if (!same) {
                there.get().invalid("must match `containerPort` when `hostNetwork` is true");
            }
            return;
        }
        if (known.protocol() == Protocol.SCTP && !same) {
            there.get()
                    .invalid(
                            "must match `containerPort` when `protocol` is SCTP, whose checksum"
                                    + " covers the ports");
            return;
        }
        HostPort one = new HostPort(ip, number.getAsInt(), known.protocol(), known.number());
        if (found.stream().anyMatch(one::collidesWith)) {
            there.get().duplicate("another port of the pod has it");
        } else {
            found.add(one);
        }
    }
}
