package io.weft.advisor;

import io.weft.advisor.Cost.Prices;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * What is asked for. Each part has a default, so an empty need is one, too: see {@link #EMPTY}.
 *
 * @param regulated whether a regulator asks for isolation that it can audit
 * @param isolation at least this
 * @param nfv whether the workloads are network functions, such as a 5G UPF
 * @param scene a row of the document's table 10.1, as a hint
 * @param hardware nothing when this machine is to be looked at
 * @param weights of criteria, instead of the computed ones; 0 leaves one out
 */
public record Need(
        boolean regulated,
        Isolation isolation,
        Performance performance,
        Scale scale,
        boolean nfv,
        Team team,
        Workloads workloads,
        Existing existing,
        Mesh mesh,
        Networks networks,
        Security security,
        Optional<String> scene,
        Optional<Hardware> hardware,
        Money money,
        Map<Criterion, Double> weights,
        List<Application> applications) {
    public static final Need EMPTY =
            new Need(
                    false,
                    Isolation.SHARED,
                    new Performance(
                            OptionalDouble.empty(),
                            OptionalDouble.empty(),
                            OptionalDouble.empty(),
                            OptionalDouble.empty(),
                            OptionalDouble.empty()),
                    new Scale(100, OptionalInt.empty(), OptionalInt.empty()),
                    false,
                    Team.UNKNOWN,
                    Workloads.ANY,
                    new Existing(0, 0),
                    new Mesh(false, false),
                    new Networks(false, false, false),
                    new Security(false, false),
                    Optional.empty(),
                    Optional.empty(),
                    new Money(OptionalDouble.empty(), "CNY", 1, 3, Prices.DEFAULT),
                    Map.of(),
                    List.of());

    public Need {
        weights = Map.copyOf(weights);
        applications = List.copyOf(applications);
    }

    /**
     * @param latency at most, in microseconds
     * @param throughput at least, in Gbps, of one instance
     * @param hostThroughput at least, in Gbps, of all instances of a host
     * @param start of an instance, at most, in seconds
     * @param memory that the network may take for each instance, at most, in MB
     */
    public record Performance(
            OptionalDouble latency,
            OptionalDouble throughput,
            OptionalDouble hostThroughput,
            OptionalDouble start,
            OptionalDouble memory) {}

    /**
     * @param hosts nothing when that does not matter
     * @param services virtual services
     */
    public record Scale(int instances, OptionalInt hosts, OptionalInt services) {
        /** {@return instances on each host, rounded up} */
        public OptionalInt perHost() {
            return hosts.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of(Math.ceilDiv(instances, hosts.getAsInt()));
        }
    }

    /** What is there already; for the way of migration and the mixture of costs. */
    public record Existing(int virtualMachines, int containers) {}

    public record Mesh(boolean needed, boolean resourceLimited) {}

    /**
     * @param several interfaces in one workload
     * @param dynamic networks come to a running workload and go
     * @param storage a network for storage
     */
    public record Networks(boolean several, boolean dynamic, boolean storage) {}

    /**
     * @param microSegmentation policy between workloads, default deny
     * @param quantumSafe encryption that a quantum computer does not break
     */
    public record Security(boolean microSegmentation, boolean quantumSafe) {}

    /**
     * @param budget for each month
     * @param exchange one CNY in the currency: the document's prices are in CNY
     * @param years over which costs are added up
     */
    public record Money(
            OptionalDouble budget, String currency, double exchange, int years, Prices prices) {}

    /**
     * A workload to write configuration for.
     *
     * @param clients names of applications that may call it
     */
    public record Application(
            String name, String namespace, int port, String protocol, List<String> clients) {
        public Application {
            clients = List.copyOf(clients);
        }
    }

    /** {@return this need with other performance} */
    public Need with(Performance other) {
        return new Need(
                regulated,
                isolation,
                other,
                scale,
                nfv,
                team,
                workloads,
                existing,
                mesh,
                networks,
                security,
                scene,
                hardware,
                money,
                weights,
                applications);
    }

    /** {@return this need with other isolation} */
    public Need with(Isolation other) {
        return new Need(
                regulated,
                other,
                performance,
                scale,
                nfv,
                team,
                workloads,
                existing,
                mesh,
                networks,
                security,
                scene,
                hardware,
                money,
                weights,
                applications);
    }

    /** {@return this need with other money} */
    public Need with(Money other) {
        return new Need(
                regulated,
                isolation,
                performance,
                scale,
                nfv,
                team,
                workloads,
                existing,
                mesh,
                networks,
                security,
                scene,
                hardware,
                other,
                weights,
                applications);
    }
}
