package io.weft.model;

import java.util.List;

/**
 * A v1 Node.
 *
 * @param addresses those of {@code status.addresses} that are IP addresses, internal or external,
 *     in written order
 */
public record Node(String name, Labels labels, List<Ip> addresses, Source source)
        implements Resource {
    public Node {
        addresses = List.copyOf(addresses);
    }

    @Override
    public Ref ref() {
        return new Ref(Kind.NODE, "", name);
    }
}
