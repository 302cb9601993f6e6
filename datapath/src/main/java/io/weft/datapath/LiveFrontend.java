package io.weft.datapath;

import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.WhenEmpty;
import io.weft.tables.Frontend;
import io.weft.tables.FrontendKey;
import io.weft.tables.FrontendValue;
import io.weft.tables.ServiceTable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A frontend as the kernel's maps hold it, but for where its sets lie.
 *
 * @param flags {@link FrontendValue#flags}
 * @param affinity seconds
 */
public record LiveFrontend(int flags, int affinity, Choice inside, Choice outside) {
    /**
     * Among what a connection chooses.
     *
     * @param backends each once, in order of address, not said where they run
     * @param whenEmpty {@link WhenEmpty#REJECT} when there are backends
     */
    public record Choice(List<Backend> backends, WhenEmpty whenEmpty) {
        static Choice of(List<Backend> backends, WhenEmpty whenEmpty) {
            return new Choice(
                    backends.stream().map(Backend::anywhere).distinct().sorted().toList(),
                    backends.isEmpty() ? whenEmpty : WhenEmpty.REJECT);
        }

        /** {@return {@code 10.0.0.1:80, 10.0.0.2:80}, {@code REJECT} or {@code DROP}} */
        @Override
        public String toString() {
            return backends.isEmpty()
                    ? whenEmpty.toString()
                    : backends.stream().map(Backend::toString).collect(Collectors.joining(", "));
        }
    }

    /** {@return what the maps should hold when {@code table} is in force} */
    public static Optional<LiveFrontend> of(ServiceTable table, FrontendKey key) {
        return Optional.ofNullable(table.frontends().get(key))
                .map(frontend ->
                        new LiveFrontend(
                                flags(frontend, table),
                                affinity(frontend),
                                choice(table, frontend.inside()),
                                choice(table, frontend.outside())));
    }

    private static Choice choice(ServiceTable table, BackendSet.Id id) {
        BackendSet set = table.sets().get(id);
        return set == null
                ? new Choice(List.of(), WhenEmpty.REJECT)
                : Choice.of(set.backends(), set.whenEmpty());
    }

    static int flags(Frontend frontend, ServiceTable in) {
        BackendSet inside = in.sets().get(frontend.inside());
        int flags = frontend.masquerade().pods() ? FrontendValue.MASQUERADE_PODS : 0;
        flags |= frontend.masquerade().node() ? FrontendValue.MASQUERADE_NODE : 0;
        flags |= frontend.masquerade().outside() ? FrontendValue.MASQUERADE_OUTSIDE : 0;
        flags |= frontend.direct() ? FrontendValue.DIRECT : 0;
        flags |= frontend.sourceRanges().isEmpty() ? 0 : FrontendValue.RANGES;
        flags |= frontend.affinity().isPresent() ? FrontendValue.AFFINITY : 0;
        flags |= inside != null && SetRun.isMaglev(inside) ? FrontendValue.MAGLEV : 0;
        return flags;
    }

    static int affinity(Frontend frontend) {
        return (int) frontend.affinity().map(Duration::toSeconds).orElse(0L).longValue();
    }

    /** {@return {@code leads to 10.0.0.1:80; from outside to DROP}} */
    @Override
    public String toString() {
        return "leads to "
                + inside
                + (inside.equals(outside) ? "" : "; from outside to " + outside);
    }
}
