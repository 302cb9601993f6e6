package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.ipam.Forecast;
import io.weft.ipam.Ipam;
import io.weft.ipam.Pool;
import io.weft.ipam.Pools;
import io.weft.ipam.Range;
import io.weft.ipam.Settings;
import io.weft.ipam.TimeSource;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Prefix;
import io.weft.store.Ledger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When pools will be empty. */
@KernelTest
@Timeout(120)
class AgentForecastTest {
    private static final String SMALL =
            """
            addressPools:
            - {name: small, ranges: [{subnet: 10.84.0.0/28}]}
            """;

    @TempDir private Path temporary;

    /** The machine's clock, and what a test adds to it. */
    private static final class Ahead implements TimeSource {
        private final TimeSource system = TimeSource.system();
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicLong nanos = new AtomicLong();

        void pass(Duration duration) {
            nanos.addAndGet(duration.toNanos());
        }

        @Override
        public long wallMillis() {
            return system.wallMillis() + nanos.get() / 1_000_000;
        }

        @Override
        public long monotonicNanos() {
            asked.incrementAndGet();
            return system.monotonicNanos() + nanos.get();
        }

        @Override
        public String bootId() {
            return system.bootId();
        }
    }

    private static Map<?, ?> pool(TestAgent agent) {
        return (Map<?, ?>) agent.listed("pools").getFirst();
    }

    private static Map<?, ?> forecast(TestAgent agent) {
        return (Map<?, ?>) Objects.requireNonNull(pool(agent).get("forecast"));
    }

    private static Number number(Map<?, ?> forecast, String key) {
        return (Number) Objects.requireNonNull(forecast.get(key));
    }

    @Test
    void theForecastIsOfTheRateThatWasSeen() {
        Ahead time = new Ahead();
        try (TestAgent agent = TestAgent.start(temporary, SMALL, time)) {
            assertThat(forecast(agent)).isEqualTo(Map.of("text", "no trend yet"));
            for (int i = 0; i < 8; i += 2) {
                time.pass(Duration.ofMinutes(5));
                agent.add("c" + i, "");
                agent.add("c" + (i + 1), "");
                pool(agent);
            }
            Map<?, ?> grows = forecast(agent); // 5 are free, and 2 go in 5 minutes
            assertThat(grows.get("text"))
                    .isEqualTo("exhausted in about 13 min at the rate of the last 20 min");
            assertThat(number(grows, "perHour").doubleValue()).isBetween(23.0, 25.0);
            assertThat(number(grows, "exhaustedInSeconds").intValue()).isBetween(740, 760);

            time.pass(Duration.ofHours(2));
            for (int i = 0; i < 4; i++) {
                pool(agent);
                time.pass(Duration.ofMinutes(5));
            }
            assertThat(forecast(agent).get("text")).isEqualTo("no growth in the last 20 min");
        }
    }

    @Test
    void theNumbersOfStatusAreThoseOfTheList() {
        try (TestAgent agent = TestAgent.start(temporary, SMALL)) {
            for (int i = 0; i < 13; i++) {
                agent.add("c" + i, "");
            }
            agent.call("DEL", "c0", TestAgent.config(""));
            Map<?, ?> pool = pool(agent);
            assertThat(pool.get("free")).isEqualTo(0);
            assertThat(forecast(agent).get("text")).isEqualTo("exhausted");
            TestAgent.Answer status = agent.call("STATUS", "c0", TestAgent.config(""));
            assertThat(status.code()).isEqualTo(50);
            assertThat(status.text())
                    .contains(
                            "pool small, IPv4: %s used, %s cooling, %s reserved, %s free of %s"
                                    .formatted(
                                            pool.get("used"),
                                            pool.get("cooling"),
                                            pool.get("reserved"),
                                            pool.get("free"),
                                            pool.get("total")));
        }
    }

    @Test
    void poolsAreLookedAtThoughNobodyAsks() {
        Ahead time = new Ahead();
        Pool pool = new Pool("default", List.of(Range.of(Prefix.parse("10.0.0.0/24"))), List.of());
        try (Ledger ledger = Ledger.inMemory();
                PoolWatch watch =
                        PoolWatch.start(
                                Ipam.open(ledger, Pools.of(pool), Settings.of("node"), time),
                                time,
                                Duration.ofMillis(1))) {
            for (int i = 0; i < 3; i++) {
                time.pass(Duration.ofMinutes(1));
                int before = time.asked.get();
                TestNode.until("another look", () -> time.asked.get() >= before + 4);
            }
            assertThat(watch.look().values()).hasOnlyElementsOfType(Forecast.NotGrowing.class);
        }
    }
}
