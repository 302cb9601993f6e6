package io.weft.flow;

import io.weft.model.Ref;
import io.weft.tables.Direction;
import io.weft.tables.Reason;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** A block of "NAME: value" lines for each flow, parted by a rule. */
final class DictPrinter implements FlowPrinter {
    private final DateTimeFormatter time;
    private boolean first = true;

    DictPrinter(ZoneId zone) {
        this.time =
                DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSSxxx", Locale.ROOT)
                        .withZone(zone);
    }

    @Override
    public String print(Flow flow) {
        StringBuilder text = new StringBuilder(first ? "" : "------------\n");
        first = false;
        line(text, "TIMESTAMP", time.format(flow.time()));
        line(text, "SOURCE", FlowText.endInFull(flow, flow.source()));
        line(text, "DESTINATION", FlowText.endInFull(flow, flow.destination()));
        line(text, "PROTOCOL", FlowText.protocol(flow));
        line(text, "DIRECTION", flow.direction().map(Direction::toString).orElse(""));
        line(text, "OBSERVER", flow.observer().map(Ref::path).orElse(""));
        line(text, "TYPE", FlowText.type(flow.type()));
        line(text, "VERDICT", flow.verdict().name());
        if (flow.reason() != Reason.FORWARDED) {
            line(text, "REASON", flow.reason() + ": " + flow.reason().advice());
        }
        line(text, "RULE", flow.rule().map(FlowRule::text).orElse(""));
        line(text, "DURATION", flow.duration().map(FlowText::seconds).orElse(""));
        Traffic traffic = flow.traffic();
        if (traffic.packets() > 0) {
            line(text, "PACKETS", traffic.sourcePackets() + " + " + traffic.destinationPackets());
            line(text, "BYTES", traffic.sourceBytes() + " + " + traffic.destinationBytes());
        }
        return text.substring(0, text.length() - 1);
    }

    @Override
    public String lost(long count) {
        StringBuilder text = new StringBuilder(first ? "" : "------------\n");
        first = false;
        line(text, "LOST", Long.toString(count));
        return text.substring(0, text.length() - 1);
    }

    private static void line(StringBuilder text, String name, String value) {
        if (!value.isEmpty()) {
            text.append(String.format(Locale.ROOT, "%11s: %s\n", name, value));
        }
    }
}
