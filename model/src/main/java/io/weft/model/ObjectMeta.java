package io.weft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * The {@code metadata} of an object, checked.
 *
 * @param namespace {@code default} when the manifest gives none; empty for kinds without one
 * @param terminating whether a deletionTimestamp is set
 * @param annotations those that mean something to Weft, each of a kind that may have it
 */
record ObjectMeta(
        String namespace,
        String name,
        Labels labels,
        boolean terminating,
        Map<Annotation, Field> annotations) {
    private static final Set<String> FIELDS =
            Set.of(
                    "name",
                    "namespace",
                    "labels",
                    "annotations",
                    "generateName",
                    "uid",
                    "resourceVersion",
                    "generation",
                    "creationTimestamp",
                    "deletionTimestamp",
                    "deletionGracePeriodSeconds",
                    "ownerReferences",
                    "finalizers",
                    "managedFields",
                    "selfLink");

    private static final String[] NONE = {};

    static ObjectMeta read(Field root, Kind kind) {
        Field meta = root.object("metadata");
        meta.only(FIELDS);
        String name =
                meta.requiredText(
                        "name",
                        "every object needs a name",
                        kind == Kind.NAMESPACE || kind == Kind.SERVICE
                                ? Names::dnsLabel
                                : Names::dnsSubdomain);
        return new ObjectMeta(
                namespace(meta, kind),
                name,
                labels(meta, "labels"),
                meta.has("deletionTimestamp"),
                Annotation.read(meta.object("annotations"), kind));
    }

    /** {@return what the annotation says} */
    Optional<String> annotation(Annotation name) {
        return Optional.ofNullable(annotations.get(name)).flatMap(Field::text);
    }

    /** {@return what the annotation about audit mode says} */
    Optional<Boolean> audit() {
        return annotation(Annotation.AUDIT).map("true"::equals);
    }

    /** {@return names of pools, as the annotation says, in its order; reports what is wrong} */
    List<String> pools() {
        Optional<Field> field = Optional.ofNullable(annotations.get(Annotation.IP_POOL));
        List<String> pools = new ArrayList<>();
        for (String word : field.flatMap(Field::text).map(t -> t.split(",", -1)).orElse(NONE)) {
            String pool = word.strip();
            if (!field.orElseThrow().ok(notPool(pool, pools))) {
                return List.of();
            }
            pools.add(pool);
        }
        return pools;
    }

    private static Optional<String> notPool(String pool, List<String> before) {
        return before.contains(pool)
                ? Optional.of("names \"" + pool + "\" twice")
                : Names.dnsLabel(pool)
                        .map(reason -> "must be names of pools with commas between: " + reason);
    }

    /** {@return what the annotations of a pod say of its addresses; reports what is wrong} */
    Pod.Addressing addressing() {
        return new Pod.Addressing(
                pools(),
                annotation(Annotation.STICKY_IP).equals(Optional.of("true")),
                NetworkSelectionReader.claims(
                        Optional.ofNullable(annotations.get(Annotation.NETWORKS))));
    }

    /** Warns of annotations about addresses, where pods are run and get any. */
    void warnOfAddressing() {
        for (Annotation name : List.of(Annotation.IP_POOL, Annotation.STICKY_IP)) {
            Optional.ofNullable(annotations.get(name))
                    .ifPresent(f ->
                            f.warn(
                                    "means nothing here: only an agent, whose pods come by CNI, has"
                                            + " pools"));
        }
    }

    /** {@return what the annotations about bandwidth say; reports what is wrong} */
    Bandwidth bandwidth() {
        Optional<Bandwidth.Limit> both = bandwidth(Annotation.BANDWIDTH);
        return new Bandwidth(
                bandwidth(Annotation.INGRESS_BANDWIDTH).or(() -> both),
                bandwidth(Annotation.EGRESS_BANDWIDTH).or(() -> both));
    }

    private Optional<Bandwidth.Limit> bandwidth(Annotation direction) {
        Optional<Field> field = Optional.ofNullable(annotations.get(direction));
        Optional<Long> rate =
                field.flatMap(f -> f.text().filter(text -> f.ok(Quantity.wrong(text))))
                        .flatMap(Quantity::tryParse);
        return rate.filter(r -> field.orElseThrow().ok(Bandwidth.Limit.wrongRate(r)))
                .map(Bandwidth.Limit::of);
    }

    private static String namespace(Field meta, Kind kind) {
        Optional<Field> field = meta.child("namespace");
        String namespace = field.flatMap(Field::text).orElse("");
        if (!kind.namespaced()) {
            if (!namespace.isEmpty()) {
                field.get()
                        .forbidden("not allowed on this type; a " + kind + " is in no namespace");
            }
            return "";
        }
        if (namespace.isEmpty()) {
            return "default";
        }
        field.get().ok(Names.dnsLabel(namespace));
        return namespace;
    }

    /** {@return the labels in the mapping {@code key} of {@code parent}} */
    static Labels labels(Field parent, String key) {
        return Labels.of(labels(parent, key, Names::labelKey));
    }

    /** {@return the same, when keys have a syntax of their own} */
    static Map<String, String> labels(
            Field parent, String key, Function<String, Optional<String>> syntax) {
        Field field = parent.object(key);
        Map<String, String> labels = new TreeMap<>();
        for (Tree.Entry entry : field.entries()) {
            field.key(entry).ok(syntax.apply(entry.key()));
            // As in Go, a null string is an empty one.
            String value =
                    Tree.isNull(entry.value())
                            ? ""
                            : field.at(entry).text(Names::labelValue).orElse("");
            labels.put(entry.key(), value);
        }
        return labels;
    }
}
