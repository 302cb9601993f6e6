package io.weft.cni;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.Link;
import io.weft.netlink.Netlink;
import io.weft.netlink.Route;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What a plugin can leave on a node, counted without asking it.
 *
 * @param links names
 * @param routes of the main table
 * @param filters rules of iptables and nftables, where these are installed
 * @param leases addresses taken; nothing when nobody can count them
 */
record NodeState(
        TreeSet<String> links,
        TreeSet<String> routes,
        TreeSet<String> filters,
        Optional<Integer> leases) {
    static final String LINK = "link";
    static final String ROUTE = "route";
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String PATH = "/usr/sbin:/usr/bin:/sbin:/bin";

    /**
     * @param data where host-local keeps a file for each address, or nothing
     * @param counter shell command that prints how many addresses are taken, or nothing
     */
    static NodeState of(NetNs node, Optional<Path> data, Optional<String> counter)
            throws IOException {
        TreeSet<String> links = new TreeSet<>();
        TreeSet<String> routes = new TreeSet<>();
        try (Netlink netlink = Netlink.open(node)) {
            for (Link link : netlink.links().list()) {
                links.add(link.name());
            }
            for (Route route : netlink.routes().list(Route.MAIN)) {
                routes.add(route.toString());
            }
        }
        return new NodeState(links, routes, filters(node), leases(data, counter));
    }

    private static TreeSet<String> filters(NetNs node) {
        TreeSet<String> rules = new TreeSet<>();
        for (List<String> command :
                List.of(
                        List.of("iptables-save"),
                        List.of("ip6tables-save"),
                        List.of("nft", "list", "ruleset"))) {
            Optional<Path> program =
                    Stream.of(PATH.split(":", -1))
                            .map(d -> Path.of(d, command.getFirst()))
                            .filter(Files::isExecutable)
                            .findFirst();
            if (program.isEmpty()) {
                continue;
            }
            List<String> words = new ArrayList<>(command);
            words.set(0, program.get().toString());
            CniProcess.Output output =
                    node.call(
                            () -> CniProcess.run(words, Map.of("PATH", PATH), new byte[0], LIMIT));
            output.stdout()
                    .lines()
                    .filter(line ->
                            command.size() > 1 ? line.startsWith("\t\t") : line.startsWith("-A"))
                    .map(line -> line.replaceAll("counter packets \\d+ bytes \\d+", "counter"))
                    .forEach(line -> rules.add(command.getFirst() + " " + line.strip()));
        }
        return rules;
    }

    private static Optional<Integer> leases(Optional<Path> data, Optional<String> counter)
            throws IOException {
        if (counter.isPresent()) {
            CniProcess.Output output =
                    CniProcess.run(
                            List.of("/bin/sh", "-c", counter.get()),
                            Map.of("PATH", PATH),
                            new byte[0],
                            LIMIT);
            String number = output.stdout().strip();
            if (!number.matches("[0-9]{1,9}")) {
                throw new IOException(
                        "'"
                                + counter.get()
                                + "' must print a number, and printed '"
                                + number
                                + "'");
            }
            return Optional.of(Integer.parseInt(number));
        }
        if (data.isEmpty()) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(data.get())) {
            return Optional.of((int) files.filter(NodeState::isLease).count());
        }
    }

    /** host-local names the file after the address. */
    static boolean isLease(Path file) {
        return Files.isRegularFile(file)
                && Ip.tryParse(file.resolveSibling("").relativize(file).toString()).isPresent();
    }

    /**
     * {@return what {@code later} has that this has not, in words; nothing when that is nothing}
     */
    Optional<String> left(NodeState later) {
        List<String> left = new ArrayList<>();
        more(LINK, links, later.links, left);
        more(ROUTE, routes, later.routes, left);
        more("rule", filters, later.filters, left);
        int before = leases.orElse(0);
        int after = later.leases.orElse(0);
        if (after > before) {
            left.add((after - before) + " leased address" + (after - before > 1 ? "es" : ""));
        }
        return left.isEmpty() ? Optional.empty() : Optional.of("left: " + String.join(", ", left));
    }

    private static void more(
            String what, TreeSet<String> before, TreeSet<String> after, List<String> into) {
        TreeSet<String> more = new TreeSet<>(after);
        more.removeAll(before);
        if (more.size() > 3) {
            into.add(more.size() + " " + what + "s, as " + more.first());
        } else {
            more.forEach(one -> into.add(what + " " + one));
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
