package io.weft.lab;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The experiments there are. */
public final class Lab {
    public static final List<Experiment> EXPERIMENTS =
            List.of(
                    new PodToPod(),
                    new WireOnePod(),
                    new PolicyChange(),
                    new CompileAtScale(),
                    new PolicyScale(),
                    new DnsRate(),
                    new Bandwidths(),
                    new ServiceScale(),
                    new CniChurn(),
                    new Interfaces(),
                    new Workloads(),
                    new PacketRate(),
                    new ConntrackPressure(),
                    new Capture(),
                    new ProxyCost(),
                    new VmAndPod(),
                    new Sensitivity());

    private Lab() {}

    /** {@return what this machine misses for an experiment, found out by trying} */
    public static Optional<String> missing(Experiment experiment) {
        return Capability.missing(experiment.needs());
    }

    /**
     * @throws IllegalArgumentException naming those that exist
     */
    public static Experiment find(String name) {
        return EXPERIMENTS.stream()
                .filter(e -> e.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "no experiment '"
                                        + name
                                        + "': there are "
                                        + EXPERIMENTS.stream()
                                                .map(Experiment::name)
                                                .collect(Collectors.joining(", "))));
    }
}
