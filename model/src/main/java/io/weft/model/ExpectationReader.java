package io.weft.model;

import io.weft.model.Expectation.Party;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads weft.io/v1alpha1 Expectation. */
final class ExpectationReader {
    private ExpectationReader() {}

    static Expectation read(Field root, ObjectMeta meta) {
        root.only(Set.of("apiVersion", "kind", "metadata", "spec"));
        Field spec = root.object("spec");
        spec.only(Set.of("from", "to", "port", "protocol", "verdict"));
        Party from = party(spec, "from", meta.namespace());
        if (from instanceof Party.OfService) {
            spec.child("from").ifPresent(f -> f.forbidden("a service opens no connections"));
        }
        Party to = party(spec, "to", meta.namespace());
        String verdict = spec.requiredText("verdict", "allow or deny", text -> Optional.empty());
        if (!verdict.isEmpty() && !verdict.equals("allow") && !verdict.equals("deny")) {
            spec.child("verdict").ifPresent(f -> f.unsupported(List.of("allow", "deny")));
        }
        return new Expectation(
                new Ref(Kind.EXPECTATION, meta.namespace(), meta.name()),
                from,
                to,
                spec.protocol("protocol"),
                port(spec, to),
                verdict.equals("allow"),
                root.source());
    }

    private static Party party(Field spec, String key, String namespace) {
        String text =
                spec.requiredText(
                        key, "a pod, namespace/pod or an IP address", t -> wrong(t, namespace));
        return Party.parse(text, namespace);
    }

    /** {@return what is wrong with the text of a party} */
    static Optional<String> wrong(String text, String namespace) {
        return switch (Party.parse(text, namespace)) {
            case Party.OfIp ignored -> Optional.empty();
            case Party.OfPod(Ref pod) -> {
                Optional<String> wrong =
                        Names.dnsLabel(pod.namespace()).or(() -> Names.dnsSubdomain(pod.name()));
                yield wrong.map(
                        reason -> "must be a pod, namespace/pod or an IP address: " + reason);
            }
            case Party.OfService(Ref service) ->
                    Names.dnsLabel(service.namespace())
                            .or(() -> Names.dnsLabel(service.name()))
                            .map(reason ->
                                    "must be service/NAME or service/NAMESPACE/NAME: " + reason);
        };
    }

    private static String port(Field spec, Party to) {
        Optional<Field> port = spec.child("port");
        if (port.isEmpty()) {
            spec.missing("port", "a number, or the name of a port of the destination");
            return "";
        }
        if (port.get().isNumber()) {
            return Integer.toString(port.get().port().orElse(0));
        }
        Optional<String> name = port.get().text(Names::portName);
        if (name.isPresent() && to instanceof Party.OfIp) {
            port.get().invalid("must be a number, because `to` is an address");
        }
        return name.orElse("");
    }
}
