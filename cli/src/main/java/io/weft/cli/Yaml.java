package io.weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** Documents as manifests: block style, in their own order. */
final class Yaml {
    private static final DumpSettings SETTINGS =
            DumpSettings.builder()
                    .setDefaultFlowStyle(FlowStyle.BLOCK)
                    .setIndicatorIndent(2)
                    .setIndentWithIndicator(true)
                    .setWidth(120)
                    .build();

    private Yaml() {}

    /** {@return the document, ending with a line break} */
    static String text(Map<String, Object> document) {
        return new Dump(SETTINGS).dumpToString(copy(document));
    }

    /** {@return a comment line for each} */
    static String comments(List<String> lines) {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append("# ").append(line.replaceAll("[\\r\\n]+", " ")).append('\n');
        }
        return text.toString();
    }

    /** What stands in two places is written twice, and not as an alias. */
    private static @Nullable Object copy(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<Object, @Nullable Object> copied = new LinkedHashMap<>();
            map.forEach((key, inner) -> copied.put(key, copy(inner)));
            return copied;
        }
        if (value instanceof List<?> list) {
            List<@Nullable Object> copied = new ArrayList<>();
            list.forEach(inner -> copied.add(copy(inner)));
            return copied;
        }
        return value;
    }
}
