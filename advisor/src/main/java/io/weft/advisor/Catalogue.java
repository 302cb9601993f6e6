package io.weft.advisor;

import io.weft.advisor.Architecture.FigureSource;
import io.weft.advisor.Architecture.Judgement;
import io.weft.advisor.Architecture.Mesh;
import io.weft.advisor.Architecture.Priced;
import io.weft.advisor.Architecture.Quantity;
import io.weft.advisor.Architecture.Segmentation;
import io.weft.advisor.Architecture.Skill;
import io.weft.claims.Claims;
import io.weft.claims.ClaimsException;
import io.weft.claims.Data;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The architectures, in the order that breaks ties, and what is said of all of one kind.
 *
 * @param security layer by layer (9.3)
 * @param migrations steps from one kind to another
 */
public record Catalogue(
        List<Architecture> architectures, List<Layer> security, List<Migration> migrations) {
    public Catalogue {
        architectures = List.copyOf(architectures);
        security = List.copyOf(security);
        migrations = List.copyOf(migrations);
    }

    /**
     * A layer of the security matrix.
     *
     * @param row of the document's table 9.3
     * @param switchOn what to switch on, for each kind
     */
    public record Layer(String row, Words title, Map<Priced, Words> switchOn) {
        public Layer {
            switchOn = Map.copyOf(switchOn);
        }

        Words of(Priced kind) {
            return switchOn.getOrDefault(kind, Words.same(""));
        }
    }

    /** The way from what exists to a kind of architecture. */
    public record Migration(String from, Priced to, List<Words> steps) {
        public Migration {
            steps = List.copyOf(steps);
        }
    }

    /**
     * {@return the catalogue that comes with Weft}
     *
     * @throws ClaimsException when it is wrong, or names a claim that there is not
     */
    public static Catalogue load(Claims claims) {
        Data file =
                Data.parse(
                        "architectures.yaml",
                        Claims.resource(Catalogue.class, "architectures.yaml"));
        List<Architecture> architectures = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        for (Data entry : file.objects("architectures")) {
            Architecture architecture = architecture(entry, claims);
            if (!ids.add(architecture.id())) {
                throw entry.wrong("id used twice");
            }
            architectures.add(architecture);
        }
        file.done();
        Data kinds = Data.parse("kinds.yaml", Claims.resource(Catalogue.class, "kinds.yaml"));
        List<Layer> layers = new ArrayList<>();
        for (Data layer : kinds.objects("security")) {
            String row = layer.text("id");
            Words title =
                    claims.table("9.3")
                            .flatMap(t -> t.row(row))
                            .orElseThrow(() -> layer.wrong("is no row of 9.3"))
                            .title();
            Map<Priced, Words> switchOn = new EnumMap<>(Priced.class);
            for (Priced kind : Priced.values()) {
                switchOn.put(kind, layer.words(kind.name().toLowerCase(java.util.Locale.ROOT)));
            }
            layers.add(new Layer(row, title, switchOn));
            layer.done();
        }
        List<Migration> migrations = new ArrayList<>();
        for (Data migration : kinds.objects("migrations")) {
            migrations.add(
                    new Migration(
                            migration.text("from"),
                            one(migration, "to", Priced.class),
                            migration.objects("steps").stream().map(Catalogue::step).toList()));
            migration.done();
        }
        kinds.done();
        return new Catalogue(architectures, layers, migrations);
    }

    private static Words step(Data step) {
        Words words = new Words(step.text("en"), step.text("zh"));
        step.done();
        return words;
    }

    private static Architecture architecture(Data data, Claims claims) {
        Map<Quantity, FigureSource> figures = new EnumMap<>(Quantity.class);
        Data named = data.objectOrEmpty("figures");
        for (Quantity quantity : Quantity.values()) {
            String key = quantity.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
            if (named.has(key)) {
                figures.put(quantity, figure(named.object(key), claims));
            }
        }
        named.done();
        Map<Criterion, Judgement> scores = new EnumMap<>(Criterion.class);
        Data judged = data.objectOrEmpty("scores");
        for (Criterion criterion : Criterion.values()) {
            if (judged.has(criterion.key())) {
                scores.put(criterion, judgement(judged.object(criterion.key()), claims));
            }
        }
        judged.done();
        List<String> leaves = data.texts("leaves");
        List<String> scenes = data.texts("scenes");
        leaves.forEach(row -> row(data, claims, "12", row));
        scenes.forEach(row -> row(data, claims, "10.1", row));
        String debt = data.text("debt");
        row(data, claims, "10.3", debt);
        List<String> depends = data.texts("depends");
        for (String id : depends) {
            if (claims.forecast(id).isEmpty()) {
                throw data.wrong("no such forecast: " + id);
            }
        }
        Architecture architecture =
                new Architecture(
                        data.text("id"),
                        data.words("title"),
                        data.words("technology"),
                        one(data, "priced", Priced.class),
                        one(data, "isolation", Isolation.class),
                        one(data, "runs", Workloads.class),
                        leaves,
                        scenes,
                        figures,
                        data.texts("needs").stream().map(n -> capability(data, n)).toList(),
                        data.find("kernel"),
                        data.flag("nfv"),
                        one(data, "mesh", Mesh.class),
                        one(data, "segmentation", Segmentation.class),
                        data.flag("several-networks"),
                        one(data, "skill", Skill.class),
                        scores,
                        debt,
                        data.words("owes"),
                        depends,
                        data.texts("extras"),
                        data.flag("weft"));
        data.done();
        return architecture;
    }

    private static FigureSource figure(Data data, Claims claims) {
        FigureSource source =
                new FigureSource(
                        data.text("claim"),
                        data.find("change"),
                        data.texts("add"),
                        data.find("metric"));
        List<String> named = new ArrayList<>(source.add());
        named.add(source.claim());
        source.change().ifPresent(named::add);
        for (String id : named) {
            if (claims.claim(id).flatMap(c -> c.figure()).isEmpty()) {
                throw data.wrong("no claim with a figure: " + id);
            }
        }
        source.metric()
                .filter(id -> claims.metric(id).isEmpty())
                .ifPresent(id -> {
                    throw data.wrong("no such metric: " + id);
                });
        data.done();
        return source;
    }

    private static Judgement judgement(Data data, Claims claims) {
        double value = data.number("value");
        if (value < 0 || value > 1) {
            throw data.wrong("must be from 0 to 1");
        }
        Optional<String> claim = data.find("claim");
        claim.filter(id -> claims.claim(id).isEmpty())
                .ifPresent(id -> {
                    throw data.wrong("no such claim: " + id);
                });
        Judgement judgement = new Judgement(value, data.words("why"), claim);
        data.done();
        return judgement;
    }

    private static Capability capability(Data data, String key) {
        return Arrays.stream(Capability.values())
                .filter(c -> c.key().equals(key))
                .findFirst()
                .orElseThrow(() -> data.wrong("no such capability: " + key));
    }

    private static void row(Data data, Claims claims, String table, String row) {
        if (claims.table(table).flatMap(t -> t.row(row)).isEmpty()) {
            throw data.wrong(row + " is no row of " + table);
        }
    }

    private static <E extends Enum<E>> E one(Data data, String key, Class<E> of) {
        return data.findOne(key, of).orElseThrow(() -> data.wrong("has no " + key));
    }

    public Optional<Architecture> find(String id) {
        return architectures.stream().filter(a -> a.id().equals(id)).findFirst();
    }
}
