package io.weft.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** What a figure was measured on, and how busy that was before and after. */
final class Machine {
    private final String loadBefore = load();
    private final double busyBefore = Processors.settledShare(Conclusion.MOST_BUSY);
    private double busyAfter = Double.NaN;

    /** {@return of the first processor, as /proc/cpuinfo has it; NaN when it does not say} */
    double megahertz() {
        try {
            return Double.parseDouble(cpuinfo("cpu MHz"));
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /** {@return share of all processors' time that others used before} */
    double busyBefore() {
        return busyBefore;
    }

    /** {@return likewise now, measured once} */
    double busyAfter() {
        if (Double.isNaN(busyAfter)) {
            busyAfter = Processors.settledShare(Conclusion.MOST_BUSY);
        }
        return busyAfter;
    }

    /** {@return kernel, processor, memory, load average and business before and now} */
    Map<String, String> describe() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("host", read("/proc/sys/kernel/hostname"));
        facts.put("kernel", read("/proc/sys/kernel/osrelease"));
        facts.put("processor", cpuinfo("model name"));
        facts.put("MHz", cpuinfo("cpu MHz"));
        facts.put("processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        facts.put("memory", read("/proc/meminfo").lines().findFirst().orElse("unknown"));
        facts.put("virtual machine", Boolean.toString(cpuinfo("flags").contains("hypervisor")));
        facts.put("java", Runtime.version().toString());
        facts.put("load before", loadBefore);
        facts.put("load after", load());
        facts.put("busy before", percent(busyBefore));
        facts.put("busy after", percent(busyAfter()));
        return facts;
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.0f %%", share * 100);
    }

    private static String load() {
        return read("/proc/loadavg").split(" ", 2)[0];
    }

    private static String cpuinfo(String key) {
        return read("/proc/cpuinfo")
                .lines()
                .filter(l -> l.startsWith(key))
                .findFirst()
                .map(l -> l.substring(l.indexOf(':') + 1).strip())
                .orElse("unknown");
    }

    private static String read(String path) {
        try {
            return Files.readString(Path.of(path)).strip();
        } catch (IOException e) {
            return "unknown";
        }
    }
}
