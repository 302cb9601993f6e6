package io.weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether the machine passes on packets that are not for itself, as pods need to reach others. */
final class Forwarding {
    private static final System.Logger LOG = System.getLogger(Forwarding.class.getName());
    private static final Path NET = Path.of("/proc/sys/net");
    private static final String OFF = "0";

    /** Router advertisements count only while the machine forwards nothing; 2: always. */
    private static final String ACCEPTED_BY_HOSTS = "1";

    private Forwarding() {}

    /**
     * Turns it on for both families; it stays. Uplinks go on taking routes from routers.
     *
     * @throws NodeException when it cannot be
     */
    static void enable(NodeConfig config) {
        Runnable work =
                () -> {
                    try {
                        enable(config.services().uplinkNames());
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
        try {
            config.host().ifPresentOrElse(host -> host.run(work), work);
        } catch (UncheckedIOException e) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    "turn on forwarding, without which pods reach nobody outside: "
                            + e.getMessage());
        }
    }

    private static void enable(List<String> uplinks) throws IOException {
        for (String uplink : uplinks) {
            Path advertisements = NET.resolve("ipv6/conf").resolve(uplink).resolve("accept_ra");
            if (Files.exists(advertisements) && is(advertisements, ACCEPTED_BY_HOSTS)) {
                Files.writeString(advertisements, "2");
            }
        }
        for (String family : List.of("ipv4/ip_forward", "ipv6/conf/all/forwarding")) {
            Path forwarding = NET.resolve(family);
            if (Files.exists(forwarding) && is(forwarding, OFF)) {
                Files.writeString(forwarding, "1");
                LOG.log(Level.INFO, "turned on {0}; it stays", forwarding);
            }
        }
    }

    private static boolean is(Path setting, String value) throws IOException {
        return Files.readString(setting).strip().equals(value);
    }
}
