package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class WireTest {
    @Test
    void isReadAsItWasWritten() {
        byte[] stdin = {0, 1, 0, -1};
        Map<String, String> variables = new TreeMap<>(Map.of("CNI_COMMAND", "DEL", "CNI_ARGS", ""));
        Wire read = Wire.read(Wire.write(variables, stdin)).orElseThrow();
        assertThat(read.variables()).isEqualTo(variables);
        assertThat(read.stdin().bytes()).isEqualTo(stdin);
        assertThat(Wire.read(Wire.write(Map.of(), new byte[0])).orElseThrow().variables())
                .isEmpty();
    }

    /** A tombstone that a crash cut short is no tombstone, unless only its stdin is shorter. */
    @Test
    void whatIsCutOrChangedIsNeverMisread() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] whole = Wire.write(Map.of("CNI_COMMAND", "DEL", "CNI_IFNAME", "eth0"), new byte[5]);
        for (int length = 0; length < whole.length - 5; length++) {
            assertThat(Wire.read(Arrays.copyOf(whole, length))).isEmpty();
        }
        for (int run = 0; run < 10_000; run++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            Wire.read(changed)
                    .ifPresent(wire ->
                            assertThat(wire.variables())
                                    .as("seed %d", seed)
                                    .hasSizeLessThanOrEqualTo(3));
        }
        assertThat(Wire.read(new byte[Wire.MAX_REQUEST + 1])).isEmpty();
    }
}
