package io.weft.flow;

import java.time.ZoneId;

/** Writes flows for people or programs. One printer serves one stream, from one thread. */
public interface FlowPrinter {
    /** {@return the text of one flow, without a line feed at its end} */
    String print(Flow flow);

    /** {@return the text that stands for flows which the reader was too slow for} */
    String lost(long count);

    /**
     * {@return a printer of one line for each flow, in columns that grow with what they hold}
     *
     * <pre>
     *   12:03:04.567 shop/web:43512 -&gt; shop/api:8080 TCP FORWARDED by api-ingress ingress[0] (policies.yaml:12)
     * </pre>
     *
     * @param zone of the times
     * @param colour whether to colour the verdict with ANSI escapes
     */
    static FlowPrinter compact(ZoneId zone, boolean colour) {
        return new CompactPrinter(zone, colour);
    }

    /** {@return a printer of one block for each flow, with everything that is known of it} */
    static FlowPrinter dict(ZoneId zone) {
        return new DictPrinter(zone);
    }

    /** {@return a printer of one JSON object on one line for each flow; see {@link FlowJson}} */
    static FlowPrinter json() {
        return new JsonPrinter();
    }
}
