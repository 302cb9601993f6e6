package io.weft.agent;

import io.weft.model.Expectation.Party;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.util.List;

/** Finds the end of a flow that somebody typed. */
public final class Parties {
    private static final String DEFAULT_NAMESPACE = "default";

    private Parties() {}

    /**
     * {@return an address, a pod by {@code namespace/name}, or a pod by its name alone: that of
     * namespace {@code default}, else the only one of that name}
     *
     * @throws NodeException when several namespaces have a pod of that name
     */
    public static Party find(Snapshot snapshot, String text) {
        Party party = Party.parse(text, DEFAULT_NAMESPACE);
        if (!(party instanceof Party.OfPod(Ref ref))
                || text.contains("/")
                || snapshot.pods().containsKey(ref)) {
            return party;
        }
        List<Ref> named =
                snapshot.pods().keySet().stream().filter(r -> r.name().equals(text)).toList();
        if (named.size() > 1) {
            throw new NodeException(
                    NodeException.Cause.INPUT,
                    "which '"
                            + text
                            + "': "
                            + String.join(", ", named.stream().map(Ref::path).toList())
                            + "?");
        }
        return named.isEmpty() ? party : new Party.OfPod(named.getFirst());
    }
}
