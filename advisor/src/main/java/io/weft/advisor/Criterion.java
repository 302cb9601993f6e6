package io.weft.advisor;

import io.weft.claims.Words;

/** What candidates are scored by, from 0 to 1. */
public enum Criterion {
    LATENCY("latency", "latency", "延迟"),
    THROUGHPUT("throughput", "throughput", "吞吐量"),
    HOST_THROUGHPUT("hostThroughput", "throughput of a host", "主机吞吐量"),
    PACKETS("packets", "packet rate", "包速率"),
    ISOLATION("isolation", "isolation", "隔离"),
    SEGMENTATION("segmentation", "micro-segmentation", "微分段"),
    AUDIT("audit", "compliance audit", "合规审计"),
    SCALE("scale", "scale", "规模"),
    FOOTPRINT("footprint", "memory", "内存占用"),
    COST("cost", "cost", "成本"),
    TEAM("team", "the team's skill", "团队能力"),
    SIMPLICITY("simplicity", "simplicity", "简单性"),
    MESH("mesh", "service mesh", "服务网格"),
    STORAGE("storage", "storage network", "存储网络"),
    SCENE("scene", "the scene", "场景"),
    READINESS("readiness", "hardware known to be there", "硬件就绪"),
    MATURITY("maturity", "maturity", "成熟度");

    private final String key;
    private final String en;
    private final String zh;

    Criterion(String key, String en, String zh) {
        this.key = key;
        this.en = en;
        this.zh = zh;
    }

    /** {@return as needs spell it} */
    public String key() {
        return key;
    }

    public Words words() {
        return new Words(en, zh);
    }
}
