package io.weft.dns;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a resolv.conf(5) says. Of several {@code search} or {@code domain} lines the last counts;
 * what is not understood is left out, as the C library does.
 *
 * @param nameservers in order, at most {@value #MAX_NAMESERVERS}
 * @param searches domains to search, in order
 * @param options as written: {@code ndots:2}
 * @param timeout for one try of one name server: {@code timeout:n}, 1 to 30 s
 * @param attempts how often all are tried: {@code attempts:n}, 1 to 5
 */
public record HostResolvers(
        List<Ip> nameservers,
        List<String> searches,
        List<String> options,
        Duration timeout,
        int attempts) {
    public static final int MAX_NAMESERVERS = 3;
    private static final int TIMEOUT_SECONDS = 5;
    private static final int ATTEMPTS = 2;
    private static final Prefix LOOPBACK4 = Prefix.parse("127.0.0.0/8");
    private static final Ip LOOPBACK6 = Ip.parse("::1");

    public HostResolvers {
        nameservers = List.copyOf(nameservers);
        searches = List.copyOf(searches);
        options = List.copyOf(options);
    }

    private static final Path FILE = Path.of("/etc/resolv.conf");

    /**
     * Of systemd-resolved: the servers behind its stub on loopback, which only the host reaches.
     */
    private static final Path BEHIND_STUB = Path.of("/run/systemd/resolve/resolv.conf");

    /** {@return what this machine uses; without resolv.conf nothing} */
    public static HostResolvers read() {
        return read(FILE, BEHIND_STUB);
    }

    static HostResolvers read(Path file, Path behindStub) {
        HostResolvers host = parse(text(file));
        boolean stub =
                !host.nameservers.isEmpty()
                        && host.nameservers.stream().allMatch(HostResolvers::isLoopback);
        HostResolvers behind = stub ? parse(text(behindStub)) : host;
        return behind.nameservers.isEmpty() ? host : behind;
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new UncheckedIOException("read " + file, e);
        }
    }

    static boolean isLoopback(Ip ip) {
        return LOOPBACK4.contains(ip) || ip.equals(LOOPBACK6);
    }

    public static HostResolvers parse(String text) {
        List<Ip> nameservers = new ArrayList<>();
        List<String> searches = List.of();
        List<String> options = new ArrayList<>();
        for (String line : text.lines().toList()) {
            List<String> words = List.of(line.strip().split("\\s+", -1));
            List<String> rest = words.subList(1, words.size());
            switch (words.getFirst()) {
                case "nameserver" -> {
                    if (!rest.isEmpty() && nameservers.size() < MAX_NAMESERVERS) {
                        String address =
                                rest.getFirst().split("%", 2)[0]; // zones mean nothing here
                        Ip.tryParse(address).ifPresent(nameservers::add);
                    }
                }
                case "search", "domain" -> searches = rest;
                case "options" -> options.addAll(rest);
                default -> {}
            }
        }
        return new HostResolvers(
                nameservers,
                searches,
                options,
                Duration.ofSeconds(number(options, "timeout", TIMEOUT_SECONDS, 30)),
                number(options, "attempts", ATTEMPTS, 5));
    }

    private static int number(List<String> options, String name, int otherwise, int most) {
        int value = otherwise;
        for (String option : options) {
            String[] parts = option.split(":", 2);
            if (parts.length == 2 && parts[0].equals(name) && parts[1].matches("[0-9]{1,6}")) {
                value = Math.clamp(Integer.parseInt(parts[1]), 1, most);
            }
        }
        return value;
    }
}
