package io.weft.advisor;

import io.weft.advisor.Hardware.Presence;
import io.weft.advisor.Need.Application;
import io.weft.advisor.Need.Existing;
import io.weft.advisor.Need.Mesh;
import io.weft.advisor.Need.Money;
import io.weft.advisor.Need.Networks;
import io.weft.advisor.Need.Performance;
import io.weft.advisor.Need.Scale;
import io.weft.advisor.Need.Security;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Needs that nobody has, of every shape. */
final class RandomNeed {
    private static final List<String> SCENES =
            List.of("core-banking", "e-commerce", "ai-training", "5g-upf", "edge", "hpc");

    private final RandomGenerator random;

    RandomNeed(long seed) {
        this.random = new Random(seed);
    }

    Need next() {
        return new Need(
                chance(5),
                one(Isolation.values()),
                new Performance(
                        scale(1, 200),
                        scale(1, 1000),
                        scale(1, 1000),
                        scale(0.1, 100),
                        scale(1, 1000)),
                new Scale(1 + random.nextInt(5000), count(50), count(60_000)),
                chance(6),
                one(Team.values()),
                one(Workloads.values()),
                new Existing(
                        chance(2) ? random.nextInt(100) : 0, chance(2) ? random.nextInt(100) : 0),
                new Mesh(chance(3), chance(3)),
                new Networks(chance(3), chance(4), chance(3)),
                new Security(chance(3), chance(5)),
                chance(2)
                        ? Optional.empty()
                        : Optional.of(SCENES.get(random.nextInt(SCENES.size()))),
                Optional.of(hardware()),
                money(),
                weights(),
                applications());
    }

    private boolean chance(int in) {
        return random.nextInt(in) == 0;
    }

    private <E> E one(E[] values) {
        return values[random.nextInt(values.length)];
    }

    private static double tidy(double number) {
        return Math.round(number * 1000) / 1000.0;
    }

    /** {@return nothing, mostly, or a number between the two, by its magnitude} */
    private OptionalDouble scale(double least, double most) {
        return chance(3)
                ? OptionalDouble.of(tidy(least * Math.pow(most / least, random.nextDouble())))
                : OptionalDouble.empty();
    }

    private OptionalInt count(int most) {
        return chance(3) ? OptionalInt.of(1 + random.nextInt(most)) : OptionalInt.empty();
    }

    private Hardware hardware() {
        Map<Capability, Presence> found = new EnumMap<>(Capability.class);
        for (Capability capability : Capability.values()) {
            found.put(capability, one(Presence.values()));
        }
        return new Hardware(
                false,
                found,
                chance(2)
                        ? Optional.empty()
                        : Optional.of(one(new String[] {"4.14", "5.15", "6.1", "6.18"})),
                scale(1, 800),
                count(8),
                List.of());
    }

    private Money money() {
        Map<String, Double> prices = new TreeMap<>();
        for (String key : List.of("vm.hardware", "vm.licences", "container.staff", "extra.dpu")) {
            if (chance(3)) {
                prices.put(key, tidy(random.nextDouble() * 500));
            }
        }
        return new Money(
                chance(3)
                        ? OptionalDouble.of(tidy(random.nextDouble() * 3e6))
                        : OptionalDouble.empty(),
                "CNY",
                1,
                1 + random.nextInt(9),
                new Cost.Prices(prices));
    }

    private Map<Criterion, Double> weights() {
        Map<Criterion, Double> weights = new EnumMap<>(Criterion.class);
        if (chance(4)) {
            weights.put(one(Criterion.values()), tidy(random.nextDouble() * 5));
            weights.put(one(Criterion.values()), 0.0);
        }
        return weights;
    }

    private List<Application> applications() {
        List<Application> applications = new ArrayList<>();
        List<String> names = new ArrayList<>(List.of("web", "on", "db-2", "null"));
        for (String name : names.subList(0, random.nextInt(names.size() + 1))) {
            List<String> clients =
                    new ArrayList<>(applications.stream().map(Application::name).toList());
            clients.removeIf(c -> chance(2));
            applications.add(
                    new Application(
                            name,
                            one(new String[] {"default", "shop", "7"}),
                            1 + random.nextInt(65535),
                            one(new String[] {"TCP", "UDP", "SCTP"}),
                            clients));
        }
        return applications;
    }
}
