package io.weft.advisor;

import io.weft.advisor.Hardware.Presence;
import io.weft.claims.Unit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Writes a need as {@link NeedReader} reads it; what is as by default is left out. */
public final class NeedWriter {
    private final List<String> lines = new ArrayList<>();

    private NeedWriter() {}

    /** {@return YAML; {@code NeedReader.parse} of it is equal to {@code need}} */
    public static String text(Need need) {
        NeedWriter writer = new NeedWriter();
        writer.lines.add("# A need for `weft advise -f`. What is left out is as by default.");
        writer.write(need);
        return String.join("\n", writer.lines) + "\n";
    }

    private void write(Need need) {
        Need none = Need.EMPTY;
        add("regulation", need.regulated() ? "regulated" : "", "");
        add("isolation", NeedReader.word(need.isolation()), NeedReader.word(none.isolation()));
        need.performance()
                .latency()
                .ifPresent(v -> line("latency", Quantities.text(v, Unit.MICROSECOND)));
        need.performance()
                .throughput()
                .ifPresent(v -> line("throughput", Quantities.text(v, Unit.GBPS)));
        need.performance()
                .hostThroughput()
                .ifPresent(v -> line("hostThroughput", Quantities.text(v, Unit.GBPS)));
        need.performance().start().ifPresent(v -> line("start", Quantities.text(v, Unit.SECOND)));
        need.performance()
                .memory()
                .ifPresent(v -> line("memory", Quantities.text(v, Unit.MEGABYTE)));
        add("instances", need.scale().instances() + "", none.scale().instances() + "");
        need.scale().hosts().ifPresent(v -> line("hosts", v + ""));
        need.scale().services().ifPresent(v -> line("services", v + ""));
        add("nfv", need.nfv() + "", "false");
        add("team", NeedReader.word(need.team()), NeedReader.word(none.team()));
        add("workloads", NeedReader.word(need.workloads()), NeedReader.word(none.workloads()));
        if (!need.existing().equals(none.existing())) {
            line(
                    "existing",
                    "{virtualMachines: "
                            + need.existing().virtualMachines()
                            + ", containers: "
                            + need.existing().containers()
                            + "}");
        }
        if (!need.mesh().equals(none.mesh())) {
            line(
                    "mesh",
                    "{needed: "
                            + need.mesh().needed()
                            + ", resourceLimited: "
                            + need.mesh().resourceLimited()
                            + "}");
        }
        if (!need.networks().equals(none.networks())) {
            line(
                    "networks",
                    "{several: "
                            + need.networks().several()
                            + ", dynamic: "
                            + need.networks().dynamic()
                            + ", storage: "
                            + need.networks().storage()
                            + "}");
        }
        if (!need.security().equals(none.security())) {
            line(
                    "security",
                    "{microSegmentation: "
                            + need.security().microSegmentation()
                            + ", quantumSafe: "
                            + need.security().quantumSafe()
                            + "}");
        }
        need.scene().ifPresent(v -> line("scene", v));
        need.hardware().ifPresent(this::hardware);
        money(need.money());
        if (!need.weights().isEmpty()) {
            lines.add("weights:");
            for (Criterion criterion : Criterion.values()) {
                Double weight = need.weights().get(criterion);
                if (weight != null) {
                    lines.add("  " + criterion.key() + ": " + number(weight));
                }
            }
        }
        if (!need.applications().isEmpty()) {
            lines.add("applications:");
            for (Need.Application a : need.applications()) {
                lines.add(
                        "  - {name: "
                                + quoted(a.name())
                                + ", namespace: "
                                + quoted(a.namespace())
                                + ", port: "
                                + a.port()
                                + ", protocol: "
                                + a.protocol()
                                + ", clients: ["
                                + String.join(
                                        ", ", a.clients().stream().map(NeedWriter::quoted).toList())
                                + "]}");
            }
        }
    }

    private void hardware(Hardware hardware) {
        lines.add("hardware:");
        List<String> unknown = new ArrayList<>();
        for (Capability capability : Capability.values()) {
            Presence presence = hardware.of(capability);
            if (presence == Presence.UNKNOWN) {
                unknown.add(capability.key());
            } else {
                lines.add("  " + capability.key() + ": " + (presence == Presence.YES));
            }
        }
        hardware.kernel().ifPresent(v -> lines.add("  kernel: " + quoted(v)));
        hardware.nicGbps().ifPresent(v -> lines.add("  nicGbps: " + number(v)));
        hardware.numaNodes().ifPresent(v -> lines.add("  numaNodes: " + v));
        lines.add("  unknown: [" + String.join(", ", unknown) + "]");
    }

    private void money(Need.Money money) {
        if (money.equals(Need.EMPTY.money())) {
            return;
        }
        lines.add("cost:");
        money.budget().ifPresent(v -> lines.add("  budget: " + number(v)));
        lines.add("  currency: " + quoted(money.currency()));
        lines.add("  exchange: " + number(money.exchange()));
        lines.add("  years: " + money.years());
        Map<String, Double> prices = new TreeMap<>(money.prices().overrides());
        if (prices.isEmpty()) {
            return;
        }
        lines.add("  prices:");
        for (String column : List.of("container", "extra", "vm")) {
            List<String> items = new ArrayList<>();
            prices.forEach((key, price) -> {
                if (key.startsWith(column + ".")) {
                    items.add(quoted(key.substring(column.length() + 1)) + ": " + number(price));
                }
            });
            if (!items.isEmpty()) {
                lines.add("    " + column + ": {" + String.join(", ", items) + "}");
            }
        }
    }

    private static String number(double number) {
        return java.math.BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
    }

    private static String quoted(String text) {
        return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }

    private void add(String key, String value, String unless) {
        if (!value.equals(unless)) {
            line(key, value);
        }
    }

    private void line(String key, String value) {
        lines.add(key + ": " + value);
    }
}
