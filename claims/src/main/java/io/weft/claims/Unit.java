package io.weft.claims;

import java.util.Optional;

/** The units of claims and figures. Those of one dimension convert into each other. */
public enum Unit {
    NANOSECOND("ns", "time", 1e-9),
    MICROSECOND("us", "time", 1e-6),
    MILLISECOND("ms", "time", 1e-3),
    SECOND("s", "time", 1),
    MINUTE("min", "time", 60),
    GBPS("Gbps", "rate", 1),
    MPPS("Mpps", "packets", 1),
    PERCENT("%", "share", 1),
    KILOBYTE("kB", "memory", 1e-3),
    MEGABYTE("MB", "memory", 1),
    CYCLES("cycles/packet", "cycles", 1),
    CONNECTIONS("connections", "connections", 1),
    VMS("VMs/host", "VMs", 1),
    PODS("pods/host", "pods", 1),
    VFS("VFs", "VFs", 1),
    ADDRESSES("pods", "addresses", 1),
    RULES("rules", "rules", 1),
    SERVICES("services", "services", 1),
    POLICIES("policies", "policies", 1),
    QPS("QPS", "queries", 1),
    RPS("RPS", "requests", 1),
    IOPS("IOPS", "IOPS", 1),
    CNY("CNY/month", "money", 1),
    TIMES("x", "times", 1),
    RANK("rank", "rank", 1);

    private final String text;
    private final String dimension;
    private final double factor;

    Unit(String text, String dimension, double factor) {
        this.text = text;
        this.dimension = dimension;
        this.factor = factor;
    }

    public static Optional<Unit> tryParse(String text) {
        for (Unit unit : values()) {
            if (unit.text.equals(text)) {
                return Optional.of(unit);
            }
        }
        return Optional.empty();
    }

    public boolean convertsTo(Unit other) {
        return dimension.equals(other.dimension);
    }

    /**
     * {@return a value of this unit in another one}
     *
     * @throws IllegalArgumentException when they are not of one dimension
     */
    public double convert(double value, Unit to) {
        if (!convertsTo(to)) {
            throw new IllegalArgumentException(this + " is not " + to);
        }
        return this == to ? value : value * factor / to.factor;
    }

    /** {@return as data files and results write it: {@code us}} */
    @Override
    public String toString() {
        return text;
    }
}
