package io.weft.ipam;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Span;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolTest {
    private static Range range(String subnet, String span) {
        return new Range(
                Prefix.parse(subnet),
                Span.tryParse(span).orElseThrow(),
                Range.defaultGateway(Prefix.parse(subnet)));
    }

    private static Range whole(String subnet) {
        return Range.of(Prefix.parse(subnet));
    }

    private static List<Span> spans(String... spans) {
        return List.of(spans).stream().map(span -> Span.tryParse(span).orElseThrow()).toList();
    }

    private static List<String> problems(String name, List<Range> ranges, String... exclusions) {
        PoolException e =
                catchThrowableOfType(
                        PoolException.class, () -> new Pool(name, ranges, spans(exclusions)));
        assertThat(e).as("refused").isNotNull();
        return e.problems().stream().map(PoolException.Problem::toString).toList();
    }

    @Test
    void aPoolIsItsRangesWithoutHoles() {
        Pool pool =
                new Pool(
                        "pods",
                        List.of(range("10.0.0.0/24", "10.0.0.10-10.0.0.20"), whole("fd00::/64")),
                        spans("10.0.0.12", "10.0.0.14-10.0.0.15", "10.0.0.18/31"));
        assertThat(pool.spans(Family.V4))
                .map(Span::toString)
                .containsExactly(
                        "10.0.0.10-10.0.0.11", "10.0.0.13", "10.0.0.16-10.0.0.17", "10.0.0.20");
        assertThat(pool.spans(Family.V6))
                .map(Span::toString)
                .containsExactly("fd00::2-fd00::ffff:ffff:ffff:ffff");
        assertThat(pool.ranges().getFirst().gateway()).contains(Ip.parse("10.0.0.1"));
        assertThat(pool.families()).containsExactly(Family.V4, Family.V6);
    }

    @Test
    void aNameIsADnsName() {
        assertThat(problems("Pods!", List.of(whole("10.0.0.0/24"))))
                .containsExactly(
                        "name: 'Pods!' must be lower case letters, digits, '-' and '.', at most"
                                + " 253, and begin and end with a letter or digit: pods-a");
    }

    @Test
    void rangesMustFit() {
        Range outside =
                new Range(
                        Prefix.parse("10.0.0.0/24"),
                        Span.tryParse("10.0.1.1-10.0.1.9").orElseThrow(),
                        Optional.of(Ip.parse("10.0.2.1")));
        assertThat(problems("default", List.of(outside)))
                .containsExactly(
                        "ranges[0].rangeStart: 10.0.1.1 must be in 10.0.0.0/24:"
                                + " 10.0.0.0-10.0.0.255",
                        "ranges[0].rangeEnd: 10.0.1.9 must be in 10.0.0.0/24: 10.0.0.0-10.0.0.255",
                        "ranges[0].gateway: 10.0.2.1 must be in 10.0.0.0/24, or a link-local"
                                + " address");
        assertThat(
                        problems(
                                "default",
                                List.of(
                                        range("10.0.0.0/24", "10.0.0.0-10.0.0.99"),
                                        range("10.0.0.0/24", "10.0.0.99-10.0.0.255"))))
                .containsExactly(
                        "ranges[1]: 10.0.0.99-10.0.0.255 overlaps ranges[0]: 10.0.0.0-10.0.0.99");
        assertThat(problems("default", List.of(whole("224.0.0.0/24"), whole("::/64"))))
                .containsExactly(
                        "ranges[0].subnet: 224.0.0.0/24 has addresses of 224.0.0.0/3, no host's",
                        "ranges[1].subnet: ::/64 has addresses of ::/127, no host's");
        assertThat(problems("default", List.of()))
                .containsExactly(
                        "ranges: a pool needs one at least: {\"subnet\": \"10.0.0.0/24\"}");
    }

    @Test
    void somethingMustBeLeft() {
        assertThat(problems("default", List.of(whole("10.0.0.0/30")), "10.0.0.2", "10.9.0.0/24"))
                .containsExactly(
                        "ranges[0]: nothing of 10.0.0.0-10.0.0.3 is left without network,"
                                + " broadcast, gateway and excluded addresses; choose a larger"
                                + " range",
                        "exclude[1]: 10.9.0.0-10.9.0.255 is in no range of the pool");
        Pool two = new Pool("two", List.of(whole("10.0.0.8/32"), whole("fd00::8/127")), List.of());
        assertThat(two.spans(Family.V4)).hasSize(1);
        assertThat(two.spans(Family.V6).getFirst().size()).isEqualTo(2);
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
        List<Range> many = new ArrayList<>();
        for (int i = 0; i < 65; i++) {
            many.add(whole("10.0." + i + ".0/24"));
        }
        assertThat(problems("default", many)).containsExactly("ranges: 65 of them; at most 64");
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
}
