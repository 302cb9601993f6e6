package io.weft.cni;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * The versions of the CNI specification that Weft speaks. Those before 0.3.0 have another shape of
 * result and no chaining; a config without {@code cniVersion} means 0.1.0.
 */
public enum CniVersion {
    V0_3_0("0.3.0"),
    V0_3_1("0.3.1"),
    V0_4_0("0.4.0"),
    V1_0_0("1.0.0"),
    V1_1_0("1.1.0");

    public static final CniVersion LATEST = V1_1_0;

    private final String text;

    CniVersion(String text) {
        this.text = text;
    }

    /** {@return as in {@code cniVersion}, e.g. {@code 1.1.0}} */
    public String text() {
        return text;
    }

    public boolean isAtLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    /** {@return the version written so, or nothing when Weft does not speak it} */
    public static Optional<CniVersion> tryParse(String text) {
        return Arrays.stream(values()).filter(v -> v.text.equals(text)).findFirst();
    }

    /** {@return oldest first} */
    public static List<String> texts() {
        return Arrays.stream(values()).map(CniVersion::text).toList();
    }

    @Override
    public String toString() {
        return text;
    }
}
