package io.weft.claims;

import io.weft.claims.ClaimTable.Heading;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Data files to {@link Claims}; refuses what is unknown, double or without a unit. */
final class ClaimsReader {
    private final Map<String, Words> subjects = new LinkedHashMap<>();
    private final Map<String, Metric> quantities = new LinkedHashMap<>();
    private final List<ClaimTable> tables = new ArrayList<>();
    private final List<Milestone> timeline = new ArrayList<>();
    private final List<Forecast> forecasts = new ArrayList<>();
    private final Set<String> ids = new HashSet<>();

    /**
     * @param files name → text
     * @throws ClaimsException naming the first thing that is wrong
     */
    static Claims read(Map<String, String> files) {
        ClaimsReader reader = new ClaimsReader();
        List<Data> all = new ArrayList<>();
        files.forEach((name, text) -> all.add(Data.parse(name, text)));
        all.forEach(reader::metrics);
        all.forEach(reader::rest);
        return new Claims(
                reader.subjects,
                reader.quantities,
                reader.tables,
                reader.timeline,
                reader.forecasts);
    }

    private void metrics(Data file) {
        Data names = file.objectOrEmpty("subjects");
        for (String id : names.keys()) {
            fresh(names, subjects.put(id, names.words(id)) == null, id);
        }
        names.done();
        Data kinds = file.objectOrEmpty("quantities");
        for (String id : kinds.keys()) {
            Data kind = kinds.object(id);
            Metric metric =
                    new Metric(id, kind.words("title"), unit(kind), kind.flag("lower-is-better"));
            fresh(kinds, quantities.put(id, metric) == null, id);
            kind.done();
        }
        kinds.done();
    }

    private void rest(Data file) {
        for (Data table : file.objects("tables")) {
            tables.add(table(table));
        }
        for (Data milestone : file.objects("timeline")) {
            timeline.add(
                    new Milestone(
                            (int) milestone.number("year"),
                            milestone.words("event"),
                            milestone.words("found"),
                            references(milestone)));
            milestone.done();
        }
        for (Data forecast : file.objects("forecasts")) {
            forecasts.add(forecast(forecast));
        }
        file.done();
    }

    private Forecast forecast(Data data) {
        String id = data.text("id");
        fresh(data, ids.add(id), id);
        Forecast forecast =
                new Forecast(
                        id,
                        data.text("chapter"),
                        data.words("title"),
                        data.words("expected"),
                        data.findOne("maturity", Maturity.class)
                                .orElseThrow(() -> data.wrong("has no maturity")),
                        data.words("today"),
                        data.text("as-of"),
                        references(data));
        data.done();
        return forecast;
    }

    private static List<Reference> references(Data data) {
        List<Reference> references = new ArrayList<>();
        for (Data reference : data.objects("references")) {
            references.add(
                    new Reference(
                            reference.text("name"),
                            reference.find("link").orElse(""),
                            reference.find("date").orElse("")));
            reference.done();
        }
        if (references.isEmpty()) {
            throw data.wrong("has no references");
        }
        return references;
    }

    private ClaimTable table(Data data) {
        String id = data.text("id");
        fresh(data, ids.add(id), id);
        List<Heading> columns = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (Data column : data.objects("columns")) {
            columns.add(new Heading(column.text("id"), column.words("title")));
            fresh(column, seen.add(column.text("id")), column.text("id"));
            column.done();
        }
        List<ClaimTable.Row> rows = new ArrayList<>();
        for (Data row : data.objects("rows")) {
            Data cells = row.object("cells");
            List<Claim> claims = new ArrayList<>();
            for (Heading column : columns) {
                if (cells.has(column.id())) {
                    claims.add(claim(id, row.text("id"), column.id(), cells.object(column.id())));
                }
            }
            cells.done();
            rows.add(new ClaimTable.Row(row.text("id"), row.words("title"), claims));
            row.done();
        }
        ClaimTable table =
                new ClaimTable(id, data.text("chapter"), data.words("title"), columns, rows);
        data.done();
        return table;
    }

    private Claim claim(String table, String row, String column, Data data) {
        String id = table + "/" + row + "/" + column;
        fresh(data, ids.add(id), id);
        Words text =
                new Words(data.text("text"), data.find("zh").orElseGet(() -> data.text("text")));
        OptionalDouble low = data.findNumber("low");
        OptionalDouble high = data.findNumber("high");
        Optional<Claim.Amount> figure = Optional.empty();
        if (low.isPresent() || high.isPresent()) {
            figure = Optional.of(new Claim.Amount(range(data, low, high), unit(data)));
        } else if (data.has("unit")) {
            throw data.wrong("has a unit and no figure");
        }
        Meaning meaning = data.findOne("is", Meaning.class).orElse(Meaning.VALUE);
        Claim claim =
                new Claim(
                        id,
                        table,
                        row,
                        column,
                        text,
                        figure,
                        meaning,
                        data.find("metric"),
                        data.find("against"));
        measurable(data, claim);
        data.done();
        return claim;
    }

    private static Range range(Data data, OptionalDouble low, OptionalDouble high) {
        try {
            return new Range(low, high);
        } catch (IllegalArgumentException e) {
            throw data.wrong(String.valueOf(e.getMessage()));
        }
    }

    private void measurable(Data data, Claim claim) {
        claim.against().ifPresent(id -> known(data, id));
        if (claim.metric().isEmpty()) {
            return;
        }
        Metric metric = known(data, claim.metric().get());
        Unit unit =
                claim.figure().orElseThrow(() -> data.wrong("has a metric and no figure")).unit();
        boolean fits =
                switch (claim.meaning()) {
                    case VALUE, ADDED -> unit.convertsTo(metric.unit());
                    case CHANGE -> unit == Unit.PERCENT;
                    case TIMES -> unit == Unit.TIMES;
                    case RANK -> unit == Unit.RANK;
                };
        if (!fits) {
            throw data.wrong("is in " + unit + ", its metric in " + metric.unit());
        }
    }

    private Metric known(Data data, String id) {
        return Claims.metric(subjects, quantities, id)
                .orElseThrow(() -> data.wrong("no such metric: " + id));
    }

    private static Unit unit(Data data) {
        String text = data.text("unit");
        return Unit.tryParse(text).orElseThrow(() -> data.wrong("no such unit: " + text));
    }

    private static void fresh(Data data, boolean isNew, String id) {
        if (!isNew) {
            throw data.wrong("id used twice: " + id);
        }
    }
}
