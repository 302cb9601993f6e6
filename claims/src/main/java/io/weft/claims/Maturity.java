package io.weft.claims;

/** How far a technology is, from the safest on. */
public enum Maturity {
    /** Released, supported, in wide use. */
    STABLE("stable", "成熟"),
    /** Released, but young, of one vendor, or for some uses only. */
    USABLE("usable", "可用"),
    /** To be tried out: prototypes, early versions. */
    EXPERIMENTAL("experimental", "实验性"),
    /** An idea: no draft, no release. */
    IDEA("an idea", "设想");

    private final String en;
    private final String zh;

    Maturity(String en, String zh) {
        this.en = en;
        this.zh = zh;
    }

    public Words words() {
        return new Words(en, zh);
    }

    /** {@return whether an answer that depends on it must say so} */
    public boolean immature() {
        return this != STABLE;
    }
}
