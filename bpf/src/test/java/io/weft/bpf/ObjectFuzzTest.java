package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever the bytes are, reading ends soon, in a spec or in a {@link BpfException}. */
@Timeout(300) // only against hanging
class ObjectFuzzTest {
    private static final long SEED = 20260101;
    private static final int ROUNDS = 1500;
    private static final long MOST_BYTES = 64 << 20;
    private static final int[] EXTREMES = {0, 1, -1, 8, Integer.MAX_VALUE, Integer.MIN_VALUE, 255};

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    static java.util.List<String> objects() {
        return TestObjects.ALL;
    }

    private boolean read(byte[] bytes, String how) {
        long before = threads.getCurrentThreadAllocatedBytes();
        boolean good = false;
        try {
            ObjectSpec spec = ObjectSpec.read(bytes);
            good = true;
            for (BtfType type : spec.btf().types()) {
                if (type instanceof BtfType.Struct s) {
                    spec.btf().struct(s.name());
                }
            }
        } catch (BpfException expected) {
            assertThat(expected).hasMessageMatching("(?s).+");
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError(how, e);
        }
        assertThat(threads.getCurrentThreadAllocatedBytes() - before)
                .as(how)
                .isLessThan(MOST_BYTES);
        return good;
    }

    @ParameterizedTest
    @MethodSource("objects")
    void truncatedFiles(String object) {
        byte[] whole = TestObjects.bytes(object);
        int readable = 0;
        for (int length = 0; length < whole.length; length += 7) {
            if (read(Arrays.copyOf(whole, length), object + " cut to " + length)) {
                readable++;
            }
        }
        // the section headers come last, so nothing that is cut can be whole
        assertThat(readable).isZero();
    }

    @ParameterizedTest
    @MethodSource("objects")
    void flippedBytes(String object) {
        byte[] whole = TestObjects.bytes(object);
        int readable = 0;
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(SEED + round);
            byte[] changed = whole.clone();
            for (int i = random.nextInt(1, 9); i > 0; i--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt();
            }
            if (read(changed, object + ", seed " + (SEED + round))) {
                readable++;
            }
        }
        assertThat(readable).as("some changes must get past the first check").isPositive();
    }

    @ParameterizedTest
    @MethodSource("objects")
    void extremeNumbers(String object) {
        byte[] whole = TestObjects.bytes(object);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            SplittableRandom random = new SplittableRandom(SEED - round);
            ByteBuffer changed = ByteBuffer.wrap(whole.clone()).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = random.nextInt(1, 4); i > 0; i--) {
                int at = random.nextInt(whole.length / 4) * 4;
                changed.putInt(at, EXTREMES[random.nextInt(EXTREMES.length)]);
            }
            if (!read(changed.array(), object + ", seed " + (SEED - round))) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
