package io.weft.agent;

import io.weft.datapath.Datapath;
import io.weft.kernel.KernelException;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.Netlink;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Takes back what a crashed run left, and refuses to touch what is not ours. */
final class Leftovers {
    private static final System.Logger LOG = System.getLogger(Leftovers.class.getName());

    private static final Duration GRACE = Duration.ofSeconds(1);

    private Leftovers() {}

    /**
     * Ends the processes in the namespaces of the journal, and removes the veth pairs, the
     * namespaces, the addresses and the pins.
     */
    static void remove(Journal journal, NodeConfig config) {
        if (journal.holds(Journal.Thing.AGENT)) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "instance '"
                            + config.instance()
                            + "' is an agent's, and its pods may be living: start `weft agent`, or"
                            + " end it with `weft agent --remove`, or choose another --instance");
        }
        List<Journal.Entry> entries = journal.leftovers();
        NamespaceProcesses.end(
                entries.stream()
                        .filter(e -> e.thing() == Journal.Thing.NAMESPACE)
                        .map(e -> NetNs.pathOf(e.name()))
                        .toList(),
                GRACE);
        for (Journal.Entry entry : entries) {
            LOG.log(Level.INFO, "taking back {0} {1}", entry.thing(), entry.name());
            switch (entry.thing()) {
                case NAMESPACE -> {
                    unplug(entry.name());
                    NetNs.delete(entry.name());
                }
                case ADDRESS -> {
                    try (Netlink netlink = Wiring.host(config)) {
                        Wiring.removeNodeAddresses(netlink, List.of(Ip.parse(entry.name())));
                    }
                }
                case PINS -> removePins(Path.of(entry.name()));
                case AGENT -> {} // of its journal only
            }
            journal.gone(entry.thing(), entry.name());
        }
        if (!entries.isEmpty()) {
            try (Netlink netlink = Wiring.host(config)) {
                PodBandwidth.removeAbandoned(netlink);
            }
        }
    }

    /** By its inner end, and at once: with its namespace it would end only some time later. */
    private static void unplug(String namespace) {
        if (!Files.exists(NetNs.pathOf(namespace))) {
            return;
        }
        try (NetNs inside = NetNs.named(namespace);
                Netlink netlink = Netlink.open(inside)) {
            netlink.links()
                    .get(Wiring.POD_LINK)
                    .ifPresent(link -> netlink.links().delete(link.index()));
        } catch (KernelException e) {
            LOG.log(Level.DEBUG, "{0} was made half: {1}", namespace, e.getMessage());
        }
    }

    /** Something pinned here that no journal of ours tells of is somebody else's. */
    static void refuseForeignPins(Path directory) {
        if (!Files.isDirectory(directory)) {
            return;
        }
        try (Stream<Path> pins = Files.list(directory)) {
            pins.findFirst()
                    .ifPresent(pin -> {
                        throw new NodeException(
                                NodeException.Cause.MACHINE,
                                pin
                                        + " exists and was not made by this instance:"
                                        + " remove it, or choose another --instance");
                    });
        } catch (IOException e) {
            throw new UncheckedIOException("list " + directory, e);
        }
    }

    /** Removes a directory of pins, and the one around it when that is empty then. */
    static void removePins(Path directory) {
        Datapath.unpin(directory);
        removeIfEmpty(directory.resolveSibling(""));
    }

    static void removeTree(Path directory) {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> found = Files.walk(directory)) {
            for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + directory, e);
        }
    }

    /** Other instances may use it. */
    static void removeIfEmpty(Path directory) {
        try {
            Files.deleteIfExists(directory);
        } catch (DirectoryNotEmptyException inUse) {
            // not ours alone
        } catch (IOException e) {
            throw new UncheckedIOException("remove " + directory, e);
        }
    }
}
