package io.weft.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads k8s.cni.cncf.io/v1alpha1 IPAMClaim. */
final class IpamClaimReader {
    // CNI specification 1.1.0: a network's name; an interface's is as in Linux
    private static final Pattern NETWORK = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,254}");
    private static final Pattern IFNAME = Pattern.compile("[^/:\\s\\p{Cntrl}]{1,15}");

    private IpamClaimReader() {}

    /**
     * @param running whether Weft runs the pods; then it keeps no addresses
     */
    static IpamClaim read(Field root, ObjectMeta meta, boolean running) {
        if (running) {
            root.warn("means nothing here: only an agent, whose pods come by CNI, keeps addresses");
        }
        root.only(Set.of("apiVersion", "kind", "metadata", "spec", "status"));
        Field spec = root.object("spec");
        spec.only(Set.of("network", "interface", "ipRequests"));
        Field status = root.object("status");
        status.only(Set.of("ips", "ownerPod", "conditions"));
        List<Ip> asked = ips(spec, "ipRequests");
        List<Ip> given = ips(status, "ips");
        return new IpamClaim(
                new Ref(Kind.IPAM_CLAIM, meta.namespace(), meta.name()),
                spec.requiredText(
                        "network",
                        "the name of the network's config",
                        text ->
                                wrong(
                                        NETWORK,
                                        text,
                                        "a network's name: letters, digits, _, . and -")),
                spec.requiredText(
                        "interface",
                        "the interface in the pod, such as eth0",
                        text ->
                                wrong(
                                        IFNAME,
                                        text,
                                        "an interface's name of at most 15 characters")),
                asked.isEmpty() ? given : asked,
                root.source());
    }

    private static Optional<String> wrong(Pattern syntax, String text, String form) {
        return syntax.matcher(text).matches() ? Optional.empty() : Optional.of("must be " + form);
    }

    /** {@return addresses without the length of their networks, IPv4 first} */
    private static List<Ip> ips(Field parent, String key) {
        List<Ip> ips = new ArrayList<>();
        for (Field item : parent.items(key)) {
            Optional<String> text = item.text();
            Optional<Ip> ip = text.flatMap(IpamClaimReader::ip);
            if (text.isPresent() && ip.isEmpty()) {
                item.invalid("must be an address, with or without a length: 10.0.0.5/24");
            } else if (ip.isPresent() && ips.stream().anyMatch(i -> i.isV4() == ip.get().isV4())) {
                item.invalid("may specify no more than one IP for each IP family");
            } else {
                ip.ifPresent(ips::add);
            }
        }
        ips.sort(Comparator.comparing(i -> !i.isV4()));
        return ips;
    }

    private static Optional<Ip> ip(String text) {
        int slash = text.indexOf('/');
        return slash < 0
                ? Ip.tryParse(text)
                : Prefix.tryParse(text).flatMap(p -> Ip.tryParse(text.substring(0, slash)));
    }
}
