package io.weft.flow;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** One JSON object on one line for each flow. */
final class JsonPrinter implements FlowPrinter {
    @Override
    public String print(Flow flow) {
        return json(FlowJson.object(flow));
    }

    @Override
    public String lost(long count) {
        return json(FlowJson.lost(count));
    }

    private static String json(Map<String, Object> object) {
        try {
            return JSON.std.asString(object);
        } catch (IOException e) { // not from a string
            throw new UncheckedIOException(e);
        }
    }
}
