package io.weft.agent;

import io.weft.model.Protocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The ports on which the processes of a namespace wait, read from /proc/PID/net (proc_net(5)): TCP
 * sockets in state LISTEN and bound UDP sockets. Asking costs the workload nothing.
 */
final class ListeningPorts {
    private static final String TCP_LISTEN = "0A";
    private static final String UDP_BOUND = "07";

    /** A protocol and a port number. */
    record Port(Protocol protocol, int number) {}

    private ListeningPorts() {}

    /** {@return what is open in the namespace of {@code pid}; nothing once it has ended} */
    static Set<Port> of(long pid) {
        Set<Port> ports = new HashSet<>();
        for (String suffix : List.of("", "6")) {
            read(pid, "tcp" + suffix, Protocol.TCP, TCP_LISTEN, ports);
            read(pid, "udp" + suffix, Protocol.UDP, UDP_BOUND, ports);
        }
        return ports;
    }

    private static void read(
            long pid, String table, Protocol protocol, String state, Set<Port> into) {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc/" + pid + "/net/" + table));
        } catch (IOException e) {
            return;
        }
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            // "0: 00000000:1F90 00000000:0000 0A …"
            String[] columns = line.strip().split(" +", 5);
            if (columns.length > 3 && columns[3].equals(state)) {
                String local = columns[1];
                int number = Integer.parseInt(local.substring(local.lastIndexOf(':') + 1), 16);
                into.add(new Port(protocol, number));
            }
        }
    }
}
