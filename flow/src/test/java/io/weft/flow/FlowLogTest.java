package io.weft.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.flow.Follower.Item;
import io.weft.flow.Shop.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class FlowLogTest {
    private static final Duration NOW = Duration.ZERO;
    private static final Duration LONG = Duration.ofSeconds(30);

    /** The n-th flow: its source port is n. */
    private static Flow flow(int n) {
        return new Event().source("10.0.0.1", n, 256).flow();
    }

    private static List<Integer> ports(List<Flow> flows) {
        return flows.stream().map(flow -> flow.source().port()).toList();
    }

    private static FlowQuery query(String... arguments) {
        return FlowQuery.parse(List.of(arguments), Shop.BOOT);
    }

    /** Reads what is there: a port for a flow, minus n for n lost, 0 for the end. */
    private static List<Long> drain(Follower follower) throws InterruptedException {
        List<Long> got = new ArrayList<>();
        for (var item = follower.next(NOW); item.isPresent(); item = follower.next(NOW)) {
            got.add(code(item.get()));
            if (item.get() instanceof Item.End) {
                break;
            }
        }
        return got;
    }

    private static long code(Item item) {
        return switch (item) {
            case Item.Seen seen -> seen.flow().source().port();
            case Item.Lost lost -> -lost.count();
            case Item.End _ -> 0;
        };
    }

    @Test
    void theRingKeepsTheNewestAndCountsWhatItOverwrote() {
        FlowLog log = new FlowLog(3, 1);
        assertThat(log.recent(FlowQuery.ALL)).isEmpty();

        for (int n = 1; n <= 5; n++) {
            log.append(flow(n));
        }

        assertThat(ports(log.recent(FlowQuery.ALL))).containsExactly(3, 4, 5);
        assertThat(log.stats()).isEqualTo(new FlowLog.Stats(3, 3, 5, 2, 0, 0));
    }

    @Test
    void recentFlowsAreThoseThatTheQueryAsksFor() {
        FlowLog log = new FlowLog(10, 1);
        for (int n = 1; n <= 5; n++) {
            log.append(flow(n));
        }

        assertThat(ports(log.recent(query("--last", "2")))).containsExactly(4, 5);
        assertThat(ports(log.recent(query("--first", "2")))).containsExactly(1, 2);
        assertThat(ports(log.recent(query("--from-port", "2,4", "--last", "1"))))
                .containsExactly(4);
        assertThat(log.recent(query("--verdict", "dropped"))).isEmpty();
    }

    @Test
    void aFollowerGetsWhatItAskedForAndThenWhatIsNew() throws Exception {
        FlowLog log = new FlowLog(10, 2);
        log.append(flow(1));
        log.append(flow(2));
        try (Follower all = log.follow(FlowQuery.ALL, 10);
                Follower last = log.follow(query("--last", "1", "--not", "--from-port", "4"), 10)) {
            log.append(flow(3));
            log.append(flow(4));
            log.append(flow(5));

            assertThat(drain(all)).containsExactly(3L, 4L, 5L);
            assertThat(drain(last)).containsExactly(2L, 3L, 5L);
            assertThat(log.stats().followers()).isEqualTo(2);
        }
        assertThat(log.stats().followers()).isZero();
    }

    @Test
    void aSlowFollowerIsToldExactlyWhatItLostAndWhere() throws Exception {
        FlowLog log = new FlowLog(100, 1);
        try (Follower slow = log.follow(query("--not", "--from-port", "99"), 2)) {
            for (int n = 1; n <= 5; n++) {
                log.append(flow(n)); // 3, 4 and 5 find the queue full
            }
            log.append(flow(99)); // not wanted, so not lost
            assertThat(code(slow.next(NOW).orElseThrow())).isEqualTo(1);
            log.append(flow(6));
            log.append(flow(7)); // finds it full again

            assertThat(drain(slow)).containsExactly(2L, -3L, 6L, -1L);
            log.append(flow(8));
            assertThat(drain(slow)).containsExactly(8L);
            assertThat(slow.lost()).isEqualTo(4);
        }
        assertThat(log.stats().lost()).isEqualTo(4);
    }

    @Test
    void closingTheLogEndsFollowersAfterWhatWaits() throws Exception {
        FlowLog log = new FlowLog(10, 1);
        Follower follower = log.follow(FlowQuery.ALL, 10);
        log.append(flow(1));
        log.close();
        log.append(flow(2));

        assertThat(drain(follower)).containsExactly(1L, 0L);
        assertThat(follower.next(NOW)).containsInstanceOf(Item.End.class);
        assertThat(ports(log.recent(FlowQuery.ALL))).containsExactly(1);
        try (Follower late = log.follow(query("--last", "5"), 10)) {
            assertThat(drain(late)).containsExactly(1L, 0L);
        }
    }

    @Test
    void aFollowerThatWaitsIsWokenByTheEnd() throws Exception {
        FlowLog log = new FlowLog(10, 1);
        try (Follower follower = log.follow(FlowQuery.ALL, 10);
                ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var end = pool.submit(() -> follower.next(LONG));
            log.close();
            assertThat(end.get(30, TimeUnit.SECONDS)).containsInstanceOf(Item.End.class);
        }
    }

    @Test
    void followersAreBoundedAndMayLeave() {
        FlowLog log = new FlowLog(10, 1);
        Follower first = log.follow(FlowQuery.ALL, 1);
        assertThatThrownBy(() -> log.follow(FlowQuery.ALL, 1))
                .isInstanceOf(TooManyFollowersException.class)
                .hasMessageContaining("1 already do");
        first.close();
        log.follow(FlowQuery.ALL, 1).close();
    }

    @Test
    void theOldestFlowsCannotBeFollowed() {
        FlowLog log = new FlowLog(10, 1);
        assertThatThrownBy(() -> log.follow(query("--first", "3"), 1))
                .isInstanceOf(FlowFilterException.class)
                .hasMessageStartingWith("--first");
    }

    @Test
    void manyReadersSeeEveryFlowInOrderOrAreToldHowManyTheyMissed() throws Exception {
        int flows = 20_000;
        int readers = 4;
        FlowLog log = new FlowLog(64, readers);
        List<Flow> made = new ArrayList<>();
        for (int n = 1; n <= 100; n++) {
            made.add(flow(n));
        }
        try (ExecutorService pool = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Long>> counts = new ArrayList<>();
            for (int r = 0; r < readers; r++) {
                // a tiny queue loses much, a large one nothing
                int queue = r == 0 ? flows : 1 << r;
                Follower follower = log.follow(FlowQuery.ALL, queue);
                counts.add(pool.submit(followToTheEnd(follower, flows)));
            }
            Future<?> recent =
                    pool.submit(() -> {
                        while (log.stats().appended() < flows) {
                            assertThat(log.recent(query("--last", "70")))
                                    .hasSizeLessThanOrEqualTo(64);
                        }
                    });
            for (int n = 0; n < flows; n++) {
                log.append(made.get(n % made.size()));
            }
            recent.get(60, TimeUnit.SECONDS);
            log.close();
            long lost = 0;
            for (Future<Long> count : counts) {
                lost += count.get(60, TimeUnit.SECONDS);
            }
            assertThat(counts.getFirst().get()).isZero();
            assertThat(log.stats())
                    .isEqualTo(new FlowLog.Stats(64, 64, flows, flows - 64, 0, lost));
        }
    }

    /** Checks that seen and lost add up, and that the n-th flow seen is the n-th appended. */
    private static Callable<Long> followToTheEnd(Follower follower, int flows) {
        return () -> {
            long at = 0;
            long lost = 0;
            while (true) {
                switch (follower.next(LONG).orElseThrow()) {
                    case Item.Seen seen -> {
                        assertThat(seen.flow().source().port()).isEqualTo((int) (at % 100) + 1);
                        at++;
                    }
                    case Item.Lost gap -> {
                        at += gap.count();
                        lost += gap.count();
                    }
                    case Item.End _ -> {
                        assertThat(at).isEqualTo(flows);
                        assertThat(follower.lost()).isEqualTo(lost);
                        return lost;
                    }
                }
            }
        };
    }
}
