package io.weft.advisor;

import io.weft.advisor.Need.Money;
import io.weft.claims.ClaimTable;
import io.weft.claims.Claims;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What an architecture costs, by the document's table 10.2 or by the need's own prices.
 *
 * <p>Model: an instance costs the sum of the column's items, and of the extras that it needs; what
 * runs both pays for what the need runs, or mixes both columns by the share of VMs that exist, half
 * and half when none do.
 *
 * @param perInstance price's key ({@code vm.hardware}, {@code extra.dpu}) → part of it for each
 *     instance and month, in the need's currency
 * @param monthly of all instances
 * @param total of all instances and years
 * @param unpriced extras for which nobody gave a price, counted as 0
 */
public record Cost(
        Map<String, Double> perInstance, double monthly, double total, List<String> unpriced) {
    private static final String TABLE = "10.2";

    /**
     * Prices instead of the document's.
     *
     * @param overrides key → price for each instance and month, in the need's currency
     */
    public record Prices(Map<String, Double> overrides) {
        public static final Prices DEFAULT = new Prices(Map.of());

        public Prices {
            overrides = Map.copyOf(overrides);
        }
    }

    /** {@return every price, by its key, in the need's currency} */
    static Map<String, Double> prices(Claims claims, Money money) {
        Map<String, Double> prices = new LinkedHashMap<>();
        ClaimTable table = claims.table(TABLE).orElseThrow();
        for (String column : List.of("vm", "container")) {
            for (ClaimTable.Row row : table.rows()) {
                if (!row.id().equals("total")) {
                    double price =
                            row.cell(column).orElseThrow().figure().orElseThrow().range().middle();
                    prices.put(column + "." + row.id(), price * money.exchange());
                }
            }
        }
        prices.putAll(new java.util.TreeMap<>(money.prices().overrides()));
        return prices;
    }

    /**
     * {@return the cost at which the score is 0: twice the document's VM; fixed, so that a price
     * moves nobody's score but of those who pay it}
     */
    static double reference(Claims claims, Money money) {
        double vm =
                claims.claim(TABLE + "/total/vm")
                        .orElseThrow()
                        .figure()
                        .orElseThrow()
                        .range()
                        .middle();
        return 2 * vm * money.exchange();
    }

    /** {@return price's key → how much of it an instance of the architecture pays} */
    static Map<String, Double> parts(
            Architecture architecture, Need need, Map<String, Double> prices) {
        double vm =
                switch (architecture.priced()) {
                    case VM -> 1;
                    case CONTAINER -> 0;
                    case HYBRID -> share(need);
                };
        Map<String, Double> parts = new LinkedHashMap<>();
        for (String key : prices.keySet()) {
            double part =
                    key.startsWith("vm.")
                            ? vm
                            : key.startsWith("container.")
                                    ? 1 - vm
                                    : architecture
                                                    .extras()
                                                    .contains(key.substring("extra.".length()))
                                            ? 1
                                            : 0;
            if (part > 0) {
                parts.put(key, part);
            }
        }
        return parts;
    }

    /** {@return the part of instances that are VMs, of an architecture that runs both} */
    private static double share(Need need) {
        Need.Existing existing = need.existing();
        int all = existing.virtualMachines() + existing.containers();
        return switch (need.workloads()) {
            case VIRTUAL_MACHINES -> 1;
            case CONTAINERS -> 0;
            case ANY, BOTH -> all == 0 ? 0.5 : (double) existing.virtualMachines() / all;
        };
    }

    static Cost of(Architecture architecture, Need need, Map<String, Double> prices) {
        Map<String, Double> perInstance = new LinkedHashMap<>();
        double sum = 0;
        for (Map.Entry<String, Double> part : parts(architecture, need, prices).entrySet()) {
            double price = prices.getOrDefault(part.getKey(), 0.0) * part.getValue();
            perInstance.put(part.getKey(), price);
            sum += price;
        }
        List<String> unpriced =
                architecture.extras().stream()
                        .filter(extra -> !prices.containsKey("extra." + extra))
                        .toList();
        double monthly = sum * need.scale().instances();
        return new Cost(perInstance, monthly, monthly * 12 * need.money().years(), unpriced);
    }

    double instance() {
        return perInstance.values().stream().mapToDouble(Double::doubleValue).sum();
    }
}
