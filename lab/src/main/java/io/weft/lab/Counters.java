package io.weft.lab;

import io.weft.kernel.NetNs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What a namespace counts, below /proc/net. */
final class Counters {
    private Counters() {}

    /** {@return UDP packets that reached the socket layer, wanted there or not} */
    static long udpArrived(NetNs namespace) {
        List<String> lines = read(namespace, "/proc/thread-self/net/snmp");
        List<String> udp = lines.stream().filter(l -> l.startsWith("Udp: ")).toList();
        List<String> names = List.of(udp.get(0).split(" ", -1));
        List<String> values = List.of(udp.get(1).split(" ", -1));
        long all = 0;
        for (String name : List.of("InDatagrams", "NoPorts", "InErrors")) {
            all += Long.parseLong(values.get(names.indexOf(name)));
        }
        return all;
    }

    /** {@return packets that an interface received} */
    static long received(NetNs namespace, String link) {
        for (String line : read(namespace, "/proc/thread-self/net/dev")) {
            String[] fields = line.strip().split("[: ]+", -1);
            if (fields[0].equals(link)) {
                return Long.parseLong(fields[2]);
            }
        }
        throw new IllegalStateException("no interface " + link);
    }

    /** {@return connections that the kernel tracks for this namespace} */
    static long tracked(NetNs namespace) {
        return Long.parseLong(
                read(namespace, "/proc/sys/net/netfilter/nf_conntrack_count").getFirst());
    }

    /** {@return the most that the kernel tracks for one namespace} */
    static long trackedAtMost(NetNs namespace) {
        return Long.parseLong(
                read(namespace, "/proc/sys/net/netfilter/nf_conntrack_max").getFirst());
    }

    private static List<String> read(NetNs namespace, String file) {
        return namespace.call(() -> {
            try {
                return Files.readAllLines(Path.of(file));
            } catch (IOException e) {
                throw new UncheckedIOException("read " + file, e);
            }
        });
    }
}
