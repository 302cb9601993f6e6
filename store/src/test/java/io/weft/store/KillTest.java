package io.weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** kill -9 of a process that writes. */
class KillTest {
    @TempDir Path directory;

    @Test
    void whatItSaidIsThere() throws IOException, InterruptedException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int[] said = new int[KilledWriter.WRITERS];
        for (int round = 0; round < 4; round++) {
            String where = "seed " + seed + " round " + round;
            kill(random.nextInt(1, 1500), said);
            try (Ledger ledger = Ledger.open(directory)) {
                for (int writer = 0; writer < KilledWriter.WRITERS; writer++) {
                    int count = number(ledger, "count/" + writer);
                    assertThat(count)
                            .as("%s: said %s", where, said[writer])
                            .isBetween(said[writer], said[writer] + 1);
                    for (int n = Math.max(1, count - KilledWriter.SLOTS + 1); n <= count; n++) {
                        String slot = "slot/" + writer + "/" + n % KilledWriter.SLOTS;
                        assertThat(number(ledger, slot)).as(where).isEqualTo(n);
                    }
                    said[writer] = count;
                }
            }
        }
    }

    private static int number(Ledger ledger, String key) {
        return ledger.get(key).map(value -> ByteBuffer.wrap(value).getInt()).orElse(0);
    }

    /** Notes the last batch that each writer said to be durable. */
    private void kill(int lines, int[] said) throws IOException, InterruptedException {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx64m",
                                "-cp",
                                System.getProperty("java.class.path"),
                                KilledWriter.class.getName(),
                                directory.toString())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader out = process.inputReader()) {
            int read = 0;
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.indexOf(' ') == 1) {
                    int n = Integer.parseInt(line, 2, line.length(), 10);
                    said[line.charAt(0) - '0'] = n;
                }
                if (++read == lines) {
                    process.toHandle().destroyForcibly(); // SIGKILL, and its output stays
                }
            }
            assertThat(read).as("lines before it ended").isGreaterThanOrEqualTo(lines);
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
    }
}
