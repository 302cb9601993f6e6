package io.weft.dns;

import io.weft.model.Ip;
import io.weft.model.Pod;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The resolv.conf(5) of a workload, as the kubelet would write it.
 *
 * @param warnings what was left out because it did not fit, in words for the user
 */
public record ResolvConf(
        List<Ip> nameservers, List<String> searches, List<String> options, List<String> warnings) {
    public static final int MAX_SEARCHES = 32;

    /** Of all searches with the spaces between them, in characters. */
    public static final int MAX_SEARCH_LENGTH = 2048;

    private static final int MAX_DOMAIN_LENGTH = 253;

    public ResolvConf {
        nameservers = List.copyOf(nameservers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
        warnings = List.copyOf(warnings);
    }

    /**
     * {@return what {@code pod} asks for}
     *
     * @param domain of the cluster
     * @param dns addresses of the cluster's DNS server that the pod can reach
     * @param host what the node uses itself
     */
    public static ResolvConf of(Pod pod, String domain, List<Ip> dns, HostResolvers host) {
        Pod.Naming naming = pod.naming();
        List<String> warnings = new ArrayList<>();
        List<Ip> nameservers = List.of();
        List<String> searches = List.of();
        List<String> options = List.of();
        Pod.DnsPolicy policy = naming.policy();
        if (policy == Pod.DnsPolicy.CLUSTER_FIRST && dns.isEmpty()) {
            warnings.add("the cluster has no DNS server for it: it gets the node's resolv.conf");
            policy = Pod.DnsPolicy.DEFAULT;
        }
        switch (policy) {
            case CLUSTER_FIRST -> {
                nameservers = dns;
                String services = "svc." + domain;
                List<String> cluster = List.of(pod.namespace() + "." + services, services, domain);
                searches = both(cluster, host.searches());
                options = List.of("ndots:5");
            }
            case DEFAULT -> {
                nameservers =
                        pod.hostNetwork()
                                ? host.nameservers()
                                : reachable(host.nameservers(), dns, warnings);
                searches = host.searches();
                options = host.options();
            }
            case NONE -> {}
        }
        return new ResolvConf(
                fitNameservers(both(nameservers, naming.nameservers()), warnings),
                fitSearches(both(searches, naming.searches()), warnings),
                mergeOptions(options, naming.options()),
                warnings);
    }

    /** A workload's loopback is its own. */
    private static List<Ip> reachable(List<Ip> host, List<Ip> dns, List<String> warnings) {
        List<Ip> reachable = host.stream().filter(ip -> !HostResolvers.isLoopback(ip)).toList();
        if (reachable.size() < host.size()) {
            warnings.add(
                    "the node's name server on loopback cannot be reached from a pod: "
                            + (reachable.isEmpty() && !dns.isEmpty()
                                    ? "it gets the cluster's instead"
                                    : "it is left out"));
        }
        return reachable.isEmpty() && !host.isEmpty() ? dns : reachable;
    }

    private static <T> List<T> both(List<T> first, List<T> then) {
        return List.copyOf(
                new LinkedHashSet<>(Stream.concat(first.stream(), then.stream()).toList()));
    }

    /** An option that is named again has its later value. */
    private static List<String> mergeOptions(List<String> first, List<String> then) {
        Map<String, String> byName = new LinkedHashMap<>();
        for (String option : both(first, then)) {
            byName.put(option.split(":", 2)[0], option);
        }
        return List.copyOf(byName.values());
    }

    private static List<Ip> fitNameservers(List<Ip> all, List<String> warnings) {
        if (all.size() <= HostResolvers.MAX_NAMESERVERS) {
            return all;
        }
        List<Ip> fit = all.subList(0, HostResolvers.MAX_NAMESERVERS);
        warnings.add(
                "only the first "
                        + HostResolvers.MAX_NAMESERVERS
                        + " of "
                        + all.size()
                        + " name servers are used: "
                        + fit);
        return fit;
    }

    private static List<String> fitSearches(List<String> all, List<String> warnings) {
        List<String> fit = new ArrayList<>();
        int length = -1; // no space before the first
        for (String search : all) {
            if (search.length() > MAX_DOMAIN_LENGTH) {
                warnings.add("search domain left out, longer than 253 characters: " + search);
                continue;
            }
            length += 1 + search.length();
            if (fit.size() == MAX_SEARCHES || length > MAX_SEARCH_LENGTH) {
                warnings.add(
                        "only the first "
                                + fit.size()
                                + " of "
                                + all.size()
                                + " search domains are used: at most "
                                + MAX_SEARCHES
                                + " with "
                                + MAX_SEARCH_LENGTH
                                + " characters");
                break;
            }
            fit.add(search);
        }
        return fit;
    }

    /** {@return the file} */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        if (!searches.isEmpty()) {
            text.append("search ").append(String.join(" ", searches)).append('\n');
        }
        nameservers.forEach(ip -> text.append("nameserver ").append(ip).append('\n'));
        if (!options.isEmpty()) {
            text.append("options ").append(String.join(" ", options)).append('\n');
        }
        return text.toString();
    }
}
