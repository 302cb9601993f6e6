package io.weft.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Trees to resources: finds the kind, checks that no object is there twice. */
final class ObjectReader {
    private final Report report;
    private final boolean running;
    private final List<Resource> resources = new ArrayList<>();
    private final Map<Ref, Source> seen = new HashMap<>();

    /**
     * @param running whether pods must be such that Weft can start them
     */
    ObjectReader(Report report, boolean running) {
        this.report = report;
        this.running = running;
    }

    List<Resource> resources() {
        return resources;
    }

    /**
     * Reads one object, or a List of them.
     *
     * @param where names an object that has no name; may be empty
     */
    void read(String file, Tree tree, String where) {
        if (!(tree instanceof Tree.Mapping mapping)) {
            report.add(
                    new Source(file, tree.line()),
                    "an object is a mapping with apiVersion, kind, metadata and spec, not "
                            + tree.what());
            return;
        }
        Field.Owner owner = new Field.Owner(report, file, name(mapping, where));
        Field root = Field.root(owner, "", tree);
        String none = supported();
        String apiVersion = root.requiredText("apiVersion", none, t -> Optional.empty());
        String kind = root.requiredText("kind", none, t -> Optional.empty());
        if (kind.isEmpty() || apiVersion.isEmpty()) {
            return;
        }
        if (kind.equals("List") && apiVersion.equals("v1")) {
            root.only(Set.of("apiVersion", "kind", "metadata", "items"));
            int i = 0;
            for (Field item : root.objects("items")) {
                String prefix = where.isEmpty() ? "" : where + ".";
                read(file, item.tree(), prefix + "items[" + i++ + "]");
            }
            return;
        }
        for (Kind known : Kind.values()) {
            if (known.toString().equals(kind) && known.apiVersion().equals(apiVersion)) {
                read(root, known);
                return;
            }
        }
        root.child("kind")
                .ifPresent(f ->
                        f.problem(
                                "no matches for kind \""
                                        + Tree.shown(kind)
                                        + "\" in version \""
                                        + Tree.shown(apiVersion)
                                        + "\"; "
                                        + none));
    }

    private void read(Field root, Kind kind) {
        ObjectMeta meta = ObjectMeta.read(root, kind);
        Resource resource =
                switch (kind) {
                    case NAMESPACE -> namespace(root, meta);
                    case NODE -> NodeReader.read(root, meta);
                    case POD -> PodReader.read(root, meta, running);
                    case NETWORK_POLICY -> PolicyReader.read(root, meta);
                    case SERVICE_CIDR -> ServiceCidrReader.read(root, meta);
                    case SERVICE -> ServiceReader.read(root, meta, running);
                    case ENDPOINT_SLICE -> EndpointSliceReader.read(root, meta);
                    case CLUSTER_NETWORK_POLICY -> ClusterPolicyReader.read(root, meta);
                    case CILIUM_NETWORK_POLICY, CILIUM_CLUSTERWIDE_NETWORK_POLICY ->
                            CiliumPolicyReader.read(root, meta, kind);
                    case IPAM_CLAIM -> IpamClaimReader.read(root, meta, running);
                    case EXPECTATION -> ExpectationReader.read(root, meta);
                };
        Source first = seen.putIfAbsent(resource.ref(), resource.source());
        if (first != null && !meta.name().isEmpty()) {
            root.object("metadata")
                    .child("name")
                    .ifPresent(
                            f -> f.duplicate(resource.ref() + " is already declared at " + first));
        }
        resources.add(resource);
    }

    private static Namespace namespace(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        return new Namespace(meta.name(), meta.labels(), meta.audit(), meta.pools(), root.source());
    }

    /** {@return the name for messages, before anything is checked: {@code Pod shop/web}} */
    private static String name(Tree.Mapping object, String where) {
        String kind = text(object, "kind");
        String nameless = kind.isEmpty() || where.isEmpty() ? kind + where : kind + " " + where;
        Optional<Tree.Entry> meta = object.find("metadata");
        if (meta.isEmpty() || !(meta.get().value() instanceof Tree.Mapping m)) {
            return nameless;
        }
        String name = text(m, "name");
        String namespace = text(m, "namespace");
        boolean namespaced =
                Arrays.stream(Kind.values())
                        .anyMatch(k -> k.namespaced() && k.toString().equals(kind));
        if (name.isEmpty()) {
            return nameless;
        }
        return kind
                + " "
                + (namespaced ? (namespace.isEmpty() ? "default" : namespace) + "/" : "")
                + name;
    }

    private static String text(Tree.Mapping object, String key) {
        return object.find(key)
                .map(Tree.Entry::value)
                .filter(v -> v instanceof Tree.Scalar s && s.text().length() <= 253)
                .map(v -> Tree.shown(((Tree.Scalar) v).text()))
                .orElse("");
    }

    private static String supported() {
        return "Weft reads "
                + Arrays.stream(Kind.values())
                        .map(k -> k.apiVersion() + " " + k)
                        .collect(Collectors.joining(", "))
                + ", v1 List";
    }
}
