package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.ipam.PoolSpec.RangeSpec;
import io.weft.model.Ip;
import io.weft.model.Prefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolSpecTest {
    private static RangeSpec range(String subnet, String start, String end, String gateway) {
        return new RangeSpec(subnet, text(start), text(end), text(gateway));
    }

    private static Optional<String> text(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static List<String> problems(PoolSpec spec) {
        PoolException e = catchThrowableOfType(PoolException.class, spec::read);
        assertThat(e).as("refused").isNotNull();
        return e.problems().stream().map(PoolException.Problem::toString).toList();
    }

    private static PoolSpec pool(RangeSpec... ranges) {
        return new PoolSpec("default", List.of(ranges), List.of());
    }

    @Test
    void aPoolInWords() {
        Pool pool =
                new PoolSpec(
                                "pods",
                                List.of(
                                        range("10.0.0.0/24", "10.0.0.10", "10.0.0.20", ""),
                                        range("fd00::/64", "", "", "fe80::1")),
                                List.of("10.0.0.12", "10.0.0.14-10.0.0.15", "10.0.0.18/31"))
                        .read();
        assertThat(pool.spans(Family.V4))
                .map(Span::toString)
                .containsExactly(
                        "10.0.0.10-10.0.0.11", "10.0.0.13", "10.0.0.16-10.0.0.17", "10.0.0.20");
        assertThat(pool.spans(Family.V6))
                .map(Span::toString)
                .containsExactly("fd00::1-fd00::ffff:ffff:ffff:ffff");
        assertThat(pool.ranges().getFirst().gateway()).contains(Ip.parse("10.0.0.1"));
        assertThat(pool.families()).containsExactly(Family.V4, Family.V6);
    }

    @Test
    void allThatIsWrongIsSaidAtOnceWithItsKey() {
        PoolSpec spec =
                new PoolSpec(
                        "Pods!",
                        List.of(
                                range("10.0.0.0/33", "", "", ""),
                                range("10.0.0.5/24", "", "", ""),
                                range("10.1.0.0/24", "10.1.0.x", "fd00::1", "")),
                        List.of("all"));
        assertThat(problems(spec))
                .containsExactly(
                        "ranges[0].subnet: '10.0.0.0/33' must be a block: 10.0.0.0/24, fd00::/64",
                        "ranges[1].subnet: 10.0.0.5/24 has host bits; the block is 10.0.0.0/24",
                        "ranges[2].rangeStart: '10.1.0.x' must be an address: 10.0.0.9, fd00::9",
                        "ranges[2].rangeEnd: fd00::1 must be in 10.1.0.0/24: 10.1.0.0-10.1.0.255",
                        "exclude[0]: 'all' must be an address (10.0.0.5), a block (10.0.0.0/28) or"
                                + " a span (10.0.0.5-10.0.0.9)",
                        "name: 'Pods!' must be lower case letters, digits, '-' and '.', at most"
                                + " 253, and begin and end with a letter or digit: pods-a");
    }

    @Test
    void rangesMustFit() {
        assertThat(problems(pool(range("10.0.0.0/24", "10.0.1.1", "10.0.1.9", "10.0.2.1"))))
                .containsExactly(
                        "ranges[0].rangeStart: 10.0.1.1 must be in 10.0.0.0/24:"
                                + " 10.0.0.0-10.0.0.255",
                        "ranges[0].rangeEnd: 10.0.1.9 must be in 10.0.0.0/24: 10.0.0.0-10.0.0.255",
                        "ranges[0].gateway: 10.0.2.1 must be in 10.0.0.0/24, or a link-local"
                                + " address");
        assertThat(problems(pool(range("10.0.0.0/24", "10.0.0.9", "10.0.0.8", ""))))
                .containsExactly(
                        "ranges[0].rangeEnd: 10.0.0.8 must not be before rangeStart 10.0.0.9");
        assertThat(
                        problems(
                                pool(
                                        range("10.0.0.0/24", "", "10.0.0.99", ""),
                                        range("10.0.0.0/24", "10.0.0.99", "", ""))))
                .containsExactly(
                        "ranges[1]: 10.0.0.99-10.0.0.255 overlaps ranges[0]: 10.0.0.0-10.0.0.99");
        assertThat(problems(pool(RangeSpec.of("224.0.0.0/24"), RangeSpec.of("::/64"))))
                .containsExactly(
                        "ranges[0].subnet: 224.0.0.0/24 has addresses of 224.0.0.0/3, no host's",
                        "ranges[1].subnet: ::/64 has addresses of ::/127, no host's");
        assertThat(problems(pool()))
                .containsExactly(
                        "ranges: a pool needs one at least: {\"subnet\": \"10.0.0.0/24\"}");
    }

    @Test
    void somethingMustBeLeft() {
        PoolSpec spec =
                new PoolSpec(
                        "default",
                        List.of(RangeSpec.of("10.0.0.0/30")),
                        List.of("10.0.0.2", "10.9.0.0/24"));
        assertThat(problems(spec))
                .containsExactly(
                        "ranges[0]: nothing of 10.0.0.0-10.0.0.3 is left without network,"
                                + " broadcast, gateway and excluded addresses; choose a larger"
                                + " range",
                        "exclude[1]: 10.9.0.0-10.9.0.255 is in no range of the pool");
        assertThat(pool(RangeSpec.of("10.0.0.8/32")).read().spans(Family.V4)).hasSize(1);
        assertThat(pool(RangeSpec.of("fd00::8/127")).read().spans(Family.V6).getFirst().size())
                .isEqualTo(2);
    }

    @Test
    void poolsMustDiffer() {
        Pool a = Given.pool("a", "10.0.0.0/24");
        Pool same = Given.pool("a", "10.0.1.0/24");
        Pool over = Given.pool("b", "fd00::/64", "10.0.0.128/25");
        PoolException e = catchThrowableOfType(PoolException.class, () -> Pools.of(a, same, over));
        assertThat(e)
                .hasMessage(
                        "pools[1].name: 'a' is the name of pools[0] already\n"
                                + "pools[2].ranges[1]: 10.0.0.128-10.0.0.255 overlaps"
                                + " 10.0.0.0-10.0.0.255 of pool a");
    }

    @Test
    void limitsAreSaid() {
        List<RangeSpec> many = new ArrayList<>();
        for (int i = 0; i < 65; i++) {
            many.add(RangeSpec.of("10.0." + i + ".0/24"));
        }
        assertThat(problems(new PoolSpec("default", many, List.of())))
                .containsExactly("ranges: 65 of them; at most 64");
    }

    @Test
    void sizesOfSpans() {
        assertThat(Span.of(Prefix.parse("10.0.0.0/8")).size()).isEqualTo(1 << 24);
        assertThat(Span.of(Prefix.parse("fd00::/66")).size()).isEqualTo(1L << 62);
        assertThat(Span.of(Prefix.parse("fd00::/65")).size()).isEqualTo(Long.MAX_VALUE);
        assertThat(Span.of(Prefix.parse("fd00::/16")).size()).isEqualTo(Long.MAX_VALUE);
        assertThat(Span.tryParse("fd00::ffff:ffff:ffff:ffff-fd00:0:0:1::").orElseThrow().size())
                .isEqualTo(2);
        assertThat(Span.tryParse("10.0.0.9-10.0.0.8")).isEmpty();
        assertThat(Span.tryParse("10.0.0.9-fd00::1")).isEmpty();
    }

    @Test
    void aPodsPoolIsItsOwnElseItsNamespacesElseTheDefault() {
        Pools pools =
                Pools.of(Given.pool("default", "10.0.0.0/24"), Given.pool("dmz", "10.1.0.0/24"));
        PoolChooser chooser = new PoolChooser(pools, "default");
        Map<String, String> dmz = Map.of(PoolChooser.POOL, "dmz");
        Map<String, String> plain = Map.of(PoolChooser.POOL, "default");
        Map<String, String> wrong = Map.of(PoolChooser.POOL, "dnz");
        assertThat(chooser.choose(Map.of(), Map.of())).isEqualTo("default");
        assertThat(chooser.choose(Map.of(), dmz)).isEqualTo("dmz");
        assertThat(chooser.choose(plain, dmz)).isEqualTo("default");
        assertThat(catchThrowableOfType(IpamException.class, () -> chooser.choose(wrong, dmz)))
                .hasMessage(
                        "annotation weft.io/ip-pool of the pod: there is no pool 'dnz'; there are"
                                + " default, dmz");
        assertThat(catchThrowableOfType(IpamException.class, () -> chooser.choose(Map.of(), wrong)))
                .hasMessageContaining("weft.io/ip-pool of the namespace");
        assertThat(catchThrowableOfType(IpamException.class, () -> new PoolChooser(pools, "pods")))
                .hasMessageContaining("the default: there is no pool 'pods'");
        assertThat(PoolChooser.sticky(Map.of())).isFalse();
        assertThat(PoolChooser.sticky(Map.of(PoolChooser.STICKY, "true"))).isTrue();
        assertThat(
                        catchThrowableOfType(
                                PoolException.class,
                                () -> PoolChooser.sticky(Map.of(PoolChooser.STICKY, "yes"))))
                .hasMessage(
                        "metadata.annotations.weft.io/sticky-ip: 'yes' must be \"true\" or"
                                + " \"false\"");
    }
}
