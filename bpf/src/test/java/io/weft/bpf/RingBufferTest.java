package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.weft.kernel.testing.KernelTest;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@KernelTest
@Timeout(120) // only against hanging
class RingBufferTest {
    private static final int RING_BYTES = 1 << 16;
    private static final int EVENT_BYTES = 16;
    private static final int ROOM = RING_BYTES / (EVENT_BYTES + 8);

    private LoadedObject object;

    @BeforeEach
    void load() {
        object = TestObjects.spec("events").load();
    }

    @AfterEach
    void unload() {
        object.close();
    }

    private void produce(String program, int times) {
        object.program(program).testRun(TestRun.of(TestObjects.packet()).withRepeat(times));
    }

    private long variable(String name) {
        return TestObjects.bss(object, "events", name);
    }

    /** Checks that numbers come without a gap. */
    private static final class InOrder implements RingBuffer.RawHandler {
        private final AtomicLong next = new AtomicLong();
        private final AtomicInteger wrong = new AtomicInteger();

        @Override
        public void sample(MemorySegment ring, long offset, int length) {
            long number = next.getAndIncrement();
            if (length != EVENT_BYTES
                    || ring.get(ValueLayout.JAVA_LONG, offset) != number
                    || ring.get(ValueLayout.JAVA_INT, offset + 12) != ((int) number ^ 0x5eed)) {
                wrong.incrementAndGet();
            }
        }
    }

    @Test
    void allEventsArriveInOrder() {
        InOrder handler = new InOrder();
        try (RingBuffer ring = RingBuffer.openRaw(object.map("ring"), handler)) {
            for (int round = 1; round <= 20; round++) { // many times around
                produce("one", 2000);
                assertThat(ring.pendingBytes()).isEqualTo(2000L * (EVENT_BYTES + 8));
                assertThat(ring.consume()).isEqualTo(2000);
                assertThat(handler.next.get()).isEqualTo(2000L * round);
            }
        }
        assertThat(handler.wrong.get()).isZero();
        assertThat(variable("lost")).isZero();
    }

    @Test
    void awaitingLeavesSamplesWhereTheyAre() {
        InOrder handler = new InOrder();
        try (RingBuffer ring = RingBuffer.openRaw(object.map("ring"), handler)) {
            ring.await(0); // nothing comes
            produce("one", 3);
            ring.await(-1);
            produce("one", 2);
            ring.await(-1);
            assertThat(handler.next.get()).isZero();
            assertThat(ring.size()).isEqualTo(RING_BYTES);
            assertThat(ring.pendingBytes()).isEqualTo(5L * (EVENT_BYTES + 8));
            assertThat(ring.consume()).isEqualTo(5);
        }
        assertThat(handler.wrong.get()).isZero();
    }

    @Test
    void noneIsLostUntilItIsFull() {
        InOrder handler = new InOrder();
        try (RingBuffer ring = RingBuffer.openRaw(object.map("ring"), handler)) {
            produce("one", ROOM);
            assertThat(variable("lost")).isZero();
            produce("one", 100);
            assertThat(variable("lost")).isEqualTo(100);
            assertThat(ring.poll(0)).isEqualTo(ROOM);
            produce("one", 1);
            assertThat(ring.poll(-1)).isEqualTo(1);
        }
        assertThat(handler.wrong.get()).isZero();
        assertThat(handler.next.get()).isEqualTo(ROOM + 1);
    }

    @Test
    void producersAndConsumerRunAtOnce() throws InterruptedException {
        InOrder handler = new InOrder();
        Thread consumer;
        try (RingBuffer ring = RingBuffer.openRaw(object.map("ring"), handler)) {
            consumer =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (ring.isOpen()) {
                                    ring.poll(-1);
                                }
                            });
            for (int i = 0; i < 100; i++) {
                produce("one", 1000);
            }
            long sent = variable("next");
            TestObjects.await(() -> handler.next.get() == sent);
            assertThat(sent + variable("lost")).isEqualTo(100_000);
        } // ends the consumer
        consumer.join();
        assertThat(handler.wrong.get()).isZero();
    }

    @Test
    void slicesAreReadOnlyAndMayHaveAnyLength() {
        List<String> seen = new ArrayList<>();
        RingBuffer.SampleHandler handler =
                sample -> {
                    assertThat(sample.isReadOnly()).isTrue();
                    seen.add(
                            new String(
                                    sample.toArray(ValueLayout.JAVA_BYTE),
                                    StandardCharsets.US_ASCII));
                };
        try (RingBuffer ring = RingBuffer.open(object.map("ring"), handler)) {
            produce("odd", 3);
            assertThat(ring.poll(0)).isEqualTo(3);
        }
        assertThat(seen).containsExactly("thirteen byte", "thirteen byte", "thirteen byte");
    }

    @Test
    void discardedOnesAreSkipped() {
        List<Long> seen = new ArrayList<>();
        try (RingBuffer ring =
                RingBuffer.open(
                        object.map("ring"), s -> seen.add(s.get(ValueLayout.JAVA_LONG, 0)))) {
            produce("discarding", 7);
            assertThat(ring.consume()).isEqualTo(4);
            assertThat(ring.pendingBytes()).isZero();
        }
        assertThat(seen).containsExactly(0L, 2L, 4L, 6L);
    }

    @Test
    void anEventIsHandedOutOnceEvenWhenItsHandlerFails() {
        AtomicInteger calls = new AtomicInteger();
        RingBuffer.SampleHandler failing =
                sample -> {
                    if (calls.incrementAndGet() == 1) {
                        throw new IllegalStateException("handler");
                    }
                };
        try (RingBuffer ring = RingBuffer.open(object.map("ring"), failing)) {
            produce("one", 2);
            assertThatThrownBy(ring::consume).hasMessage("handler");
            assertThat(ring.consume()).isEqualTo(1);
        }
        assertThat(calls.get()).isEqualTo(2);
    }

    @Test
    void wakeUpEndsAPollThatWaits() throws InterruptedException {
        AtomicInteger polls = new AtomicInteger();
        try (RingBuffer ring = RingBuffer.open(object.map("ring"), s -> {})) {
            Thread waiting =
                    Thread.ofPlatform()
                            .start(() -> {
                                while (polls.get() < 5) {
                                    assertThat(ring.poll(-1)).isZero();
                                    polls.incrementAndGet();
                                }
                            });
            for (int i = 1; i <= 5; i++) {
                int wanted = i;
                ring.wakeUp();
                TestObjects.await(() -> polls.get() >= wanted);
            }
            waiting.join();
            assertThat(polls.get()).isEqualTo(5);
        }
    }

    @Test
    void closeFromTheHandlerOrTwiceIsHarmless() {
        List<RingBuffer> rings = new ArrayList<>();
        RingBuffer ring =
                RingBuffer.open(object.map("ring"), s -> rings.forEach(RingBuffer::close));
        rings.add(ring);
        produce("one", 3);
        assertThat(ring.consume()).isEqualTo(1);
        assertThat(ring.isOpen()).isFalse();
        assertThat(ring.poll(-1)).isZero();
        assertThat(ring.pendingBytes()).isZero();
        ring.wakeUp();
        ring.close();
    }

    @Test
    void consumingAllocatesNothingPerEvent() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        InOrder handler = new InOrder();
        try (RingBuffer ring = RingBuffer.openRaw(object.map("ring"), handler)) {
            long events = 0;
            long bytes = 0;
            for (int round = 0; round < 60; round++) {
                produce("one", 2000);
                long before = threads.getCurrentThreadAllocatedBytes();
                int count = ring.consume();
                if (round >= 10) { // classes are loaded by then
                    bytes += threads.getCurrentThreadAllocatedBytes() - before;
                    events += count;
                }
            }
            assertThat(events).isEqualTo(100_000);
            assertThat(bytes).isLessThan(events);
        }
    }

    @Test
    void onlyRingBuffersCanBeOpened() {
        assertThatThrownBy(() -> RingBuffer.open(object.map(".bss"), s -> {}))
                .isInstanceOf(IncompatibleMapException.class);
    }
}
