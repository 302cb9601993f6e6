package io.weft.claims;

import com.fasterxml.jackson.jr.ob.JSON;
import com.fasterxml.jackson.jr.ob.JSONObjectException;
import io.weft.claims.Measurement.NotMeasured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Results of experiments as files, one {@code NAME.json} for each experiment; the newest one
 * stands.
 *
 * <pre>
 *   {"experiment": "pod-to-pod", "at": "2026-11-26T03:20:00Z", "machine": {"kernel": "6.18"},
 *    "conclusive": true, "why": "",
 *    "figures": [{"id": "veth.rtt", "subject": "bare veth", "metric": "round trip", "unit": "us",
 *                 "median": 7.4, "low": 7.2, "high": 7.7, "n": 15}],
 *    "notMeasured": [{"id": "sriov.rtt", "why": "no interface offers virtual functions"}]}
 * </pre>
 */
public final class Measurements {
    private static final JSON PRETTY = JSON.std.with(JSON.Feature.PRETTY_PRINT_OUTPUT);

    private Measurements() {}

    /**
     * {@return where results lie: {@code $XDG_STATE_HOME/weft/lab}, else {@code
     * ~/.local/state/weft/lab}}
     */
    public static Path directory(Map<String, String> environment, String home) {
        String state = environment.getOrDefault("XDG_STATE_HOME", "");
        Path base = state.startsWith("/") ? Path.of(state) : Path.of(home, ".local", "state");
        return base.resolve("weft").resolve("lab");
    }

    public static Path directory() {
        return directory(System.getenv(), System.getProperty("user.home"));
    }

    /**
     * {@return the results in a directory, by name; none when it does not exist}
     *
     * @throws ClaimsException naming the file that cannot be read
     */
    public static List<Measurement> readAll(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(f -> f.getFileName().toString().endsWith(".json"))
                    .sorted()
                    .map(Measurements::read)
                    .toList();
        } catch (IOException e) {
            throw new ClaimsException(directory + ": cannot list: " + e.getMessage(), e);
        }
    }

    /**
     * @throws ClaimsException when it is not a result
     */
    public static Measurement read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file));
        } catch (IOException e) {
            throw new ClaimsException(file + ": cannot read: " + e.getMessage(), e);
        }
    }

    /** Writes {@code NAME.json}, whole or not at all. */
    public static Path write(Path directory, Measurement measurement) {
        Path file = directory.resolve(measurement.experiment() + ".json");
        try {
            Files.createDirectories(directory);
            Path part = Files.createTempFile(directory, measurement.experiment(), ".part");
            Files.writeString(part, text(measurement));
            return Files.move(
                    part,
                    file,
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new ClaimsException(file + ": cannot write: " + e.getMessage(), e);
        }
    }

    /** {@return the JSON of a result} */
    public static String text(Measurement measurement) {
        try {
            return PRETTY.asString(document(measurement)) + "\n";
        } catch (IOException e) {
            throw new ClaimsException(measurement.experiment() + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> document(Measurement m) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("experiment", m.experiment());
        document.put("at", m.at().toString());
        document.put("machine", m.machine());
        document.put("conclusive", m.conclusive());
        document.put("why", m.why());
        List<Map<String, Object>> figures = new ArrayList<>();
        for (Figure f : m.figures()) {
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("id", f.id());
            figure.put("subject", f.subject());
            figure.put("metric", f.metric());
            figure.put("unit", f.unit());
            figure.put("median", f.median());
            figure.put("low", f.low());
            figure.put("high", f.high());
            figure.put("n", f.n());
            figures.add(figure);
        }
        document.put("figures", figures);
        List<Map<String, Object>> missing = new ArrayList<>();
        for (NotMeasured n : m.notMeasured()) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", n.id());
            entry.put("why", n.why());
            missing.add(entry);
        }
        document.put("notMeasured", missing);
        return document;
    }

    /**
     * {@return the result that a JSON text holds}
     *
     * @param name the file, for messages
     * @throws ClaimsException when it is not a result; unknown keys are left for later versions
     */
    public static Measurement parse(String name, String json) {
        Map<String, Object> top;
        try {
            top = JSON.std.mapFrom(json);
        } catch (JSONObjectException e) {
            throw new ClaimsException(name + ": not a result: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            String reason = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
            throw new ClaimsException(name + ": not JSON: " + reason, e);
        }
        Json object = new Json(name, top);
        List<Figure> figures = new ArrayList<>();
        for (Json f : object.objects("figures")) {
            figures.add(
                    new Figure(
                            f.text("id"),
                            f.text("subject"),
                            f.text("metric"),
                            f.text("unit"),
                            f.number("median"),
                            f.number("low"),
                            f.number("high"),
                            (int) f.number("n")));
        }
        List<NotMeasured> missing = new ArrayList<>();
        for (Json n : object.objects("notMeasured")) {
            missing.add(new NotMeasured(n.text("id"), n.text("why")));
        }
        return new Measurement(
                object.text("experiment"),
                object.instant("at"),
                object.machine(),
                object.flag("conclusive"),
                object.find("why").map(Object::toString).orElse(""),
                figures,
                missing);
    }

    /** A JSON object and its file. */
    private record Json(String name, Map<?, ?> values) {
        private Optional<Object> find(String key) {
            @Nullable Object value = values.get(key);
            return Optional.ofNullable(value);
        }

        private ClaimsException wrong(String key, String what) {
            return new ClaimsException(name + ": not a result: " + key + " must be " + what);
        }

        String text(String key) {
            return find(key)
                    .filter(v -> v instanceof String)
                    .map(Object::toString)
                    .orElseThrow(() -> wrong(key, "a string"));
        }

        double number(String key) {
            double number =
                    find(key)
                            .filter(v -> v instanceof Number)
                            .map(v -> ((Number) v).doubleValue())
                            .orElseThrow(() -> wrong(key, "a number"));
            if (!Double.isFinite(number)) {
                throw wrong(key, "a finite number");
            }
            return number;
        }

        boolean flag(String key) {
            return find(key)
                    .filter(v -> v instanceof Boolean)
                    .map(v -> (Boolean) v)
                    .orElseThrow(() -> wrong(key, "true or false"));
        }

        Instant instant(String key) {
            try {
                return Instant.parse(text(key));
            } catch (DateTimeException e) {
                throw new ClaimsException(
                        name + ": not a result: " + key + " must be a time as ISO 8601 has it", e);
            }
        }

        List<Json> objects(String key) {
            Optional<Object> value = find(key);
            if (value.isEmpty()) {
                return List.of();
            }
            if (!(value.get() instanceof List<?> list)) {
                throw wrong(key, "a list");
            }
            List<Json> objects = new ArrayList<>();
            for (Object item : list) {
                if (!(item instanceof Map<?, ?> map)) {
                    throw wrong(key, "a list of objects");
                }
                objects.add(new Json(name, map));
            }
            return objects;
        }

        Map<String, String> machine() {
            Map<String, String> machine = new LinkedHashMap<>();
            if (!(find("machine").orElseThrow(() -> wrong("machine", "an object"))
                    instanceof Map<?, ?> map)) {
                throw wrong("machine", "an object");
            }
            map.forEach((key, value) -> machine.put(String.valueOf(key), String.valueOf(value)));
            return machine;
        }
    }
}
