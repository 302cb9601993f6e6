package io.weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Network cards of the machine, as /sys/class/net shows them. */
final class Cards {
    private static final Path NET = Path.of("/sys/class/net");

    private Cards() {}

    /** {@return interfaces with a device behind them, by name} */
    static List<String> names() {
        try (Stream<Path> links = Files.list(NET)) {
            return links.filter(link -> Files.exists(link.resolve("device")))
                    .map(link -> link.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("list " + NET, e);
        }
    }

    /** {@return what stands in one of its files, or nothing} */
    static String read(String card, String file) {
        try {
            return Files.readString(NET.resolve(card).resolve(file)).strip();
        } catch (IOException e) {
            return "";
        }
    }

    /** {@return the driver, or nothing} */
    static String driver(String card) {
        Path link = NET.resolve(card).resolve("device/driver");
        try {
            return link.toRealPath().getFileName().toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** {@return why no virtual function can be had here} */
    static String virtualFunctions() {
        List<String> cards = names();
        for (String card : cards) {
            String total = read(card, "device/sriov_totalvfs");
            if (!total.isEmpty() && !total.equals("0")) {
                return card
                        + " offers "
                        + total
                        + " virtual functions, which the lab does not turn on: it would change the"
                        + " machine's own network";
            }
        }
        return cards.isEmpty()
                ? "no network card here"
                : "no virtual functions: %s has no sriov_totalvfs"
                        .formatted(
                                String.join(
                                        ", ",
                                        cards.stream()
                                                .map(c -> c + " (" + driver(c) + ")")
                                                .toList()));
    }
}
