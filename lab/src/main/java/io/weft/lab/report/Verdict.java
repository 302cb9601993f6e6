package io.weft.lab.report;

import io.weft.claims.Words;

/** What measuring says of a claim. */
public enum Verdict {
    CONFIRMED("confirmed", "证实"),
    CONTRADICTED("contradicted", "不符"),
    NOT_MEASURABLE("not measurable here", "此处无法测量"),
    /** The claim names no figure. */
    WORDS("no figure to measure", "无可测数据");

    private final String en;
    private final String zh;

    Verdict(String en, String zh) {
        this.en = en;
        this.zh = zh;
    }

    public Words words() {
        return new Words(en, zh);
    }
}
