package io.weft.advisor;

import io.weft.claims.Words;

/** Words that several parts of an answer use. */
final class Texts {
    private Texts() {}

    static Words source(Evidence.Source source) {
        return switch (source) {
            case MEASURED -> new Words("measured here", "本机实测");
            case CLAIM -> new Words("claim", "文档声称");
            case MODEL -> new Words("model", "模型");
        };
    }

    static Words quantity(Architecture.Quantity quantity) {
        return switch (quantity) {
            case LATENCY -> new Words("latency", "延迟");
            case THROUGHPUT -> new Words("throughput", "吞吐量");
            case HOST_THROUGHPUT -> new Words("throughput of a host", "主机吞吐量");
            case START -> new Words("start", "启动");
            case MEMORY -> new Words("memory", "内存");
            case PER_HOST -> new Words("on a host", "每台主机");
            case SERVICES -> new Words("services", "服务数");
        };
    }
}
