package io.weft.claims;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** All that the source document claims. */
public final class Claims {
    private static final List<String> FILES =
            List.of(
                    "metrics.yaml",
                    "performance.yaml",
                    "mesh-and-ebpf.yaml",
                    "matrices.yaml",
                    "selection.yaml",
                    "trends.yaml");

    private final Map<String, Words> subjects;
    private final Map<String, Metric> quantities;
    private final List<ClaimTable> tables;
    private final List<Milestone> timeline;
    private final List<Forecast> forecasts;

    Claims(
            Map<String, Words> subjects,
            Map<String, Metric> quantities,
            List<ClaimTable> tables,
            List<Milestone> timeline,
            List<Forecast> forecasts) {
        this.subjects = Map.copyOf(subjects);
        this.quantities = Map.copyOf(quantities);
        this.tables = List.copyOf(tables);
        this.timeline = List.copyOf(timeline);
        this.forecasts = List.copyOf(forecasts);
    }

    /**
     * {@return the claims that come with Weft}
     *
     * @throws ClaimsException when they are wrong
     */
    public static Claims load() {
        Map<String, String> files = new LinkedHashMap<>();
        for (String name : FILES) {
            files.put(name, resource(Claims.class, name));
        }
        return ClaimsReader.read(files);
    }

    /**
     * {@return the text of a file beside a class}
     *
     * @throws ClaimsException when there is none
     */
    public static String resource(Class<?> beside, String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new ClaimsException(name + ": not found");
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new ClaimsException(name + ": cannot read: " + e.getMessage(), e);
        }
    }

    /** {@return in the order of the document} */
    public List<ClaimTable> tables() {
        return tables;
    }

    public Optional<ClaimTable> table(String id) {
        return tables.stream().filter(t -> t.id().equals(id)).findFirst();
    }

    /** {@return the tables of a chapter: {@code 8}} */
    public List<ClaimTable> chapter(String chapter) {
        return tables.stream().filter(t -> t.chapter().equals(chapter)).toList();
    }

    /**
     * @param id {@code 9.2/macvlan/latency}
     */
    public Optional<Claim> claim(String id) {
        return tables.stream()
                .flatMap(t -> t.rows().stream())
                .flatMap(r -> r.cells().stream())
                .filter(c -> c.id().equals(id))
                .findFirst();
    }

    /** {@return what an id of a figure means: {@code macvlan.goodput}, {@code dns.qps}} */
    public Optional<Metric> metric(String id) {
        return metric(subjects, quantities, id);
    }

    static Optional<Metric> metric(
            Map<String, Words> subjects, Map<String, Metric> quantities, String id) {
        String[] parts = id.split("\\.", -1);
        if (parts.length < 2 || parts.length > 3) {
            return Optional.empty();
        }
        Words subject = subjects.get(parts[0]);
        Metric quantity = quantities.get(parts[1]);
        boolean sized = parts.length == 3;
        if (subject == null || quantity == null || (sized && !parts[2].matches("[0-9]+"))) {
            return Optional.empty();
        }
        String size = sized ? " (" + parts[2] + ")" : "";
        Words title =
                new Words(
                        subject.en() + ": " + quantity.title().en() + size,
                        subject.zh() + "：" + quantity.title().zh() + size);
        return Optional.of(new Metric(id, title, quantity.unit(), quantity.lowerIsBetter()));
    }

    /** {@return chapter 11.2} */
    public List<Milestone> timeline() {
        return timeline;
    }

    /** {@return chapters 11.1 and 11.3} */
    public List<Forecast> forecasts() {
        return forecasts;
    }

    public Optional<Forecast> forecast(String id) {
        return forecasts.stream().filter(f -> f.id().equals(id)).findFirst();
    }
}
