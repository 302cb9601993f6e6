package io.weft.store;

import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Writes until it is killed; says each batch that is durable. Run by {@link KillTest}. */
final class KilledWriter {
    static final int WRITERS = 4;
    static final int SLOTS = 8;

    private KilledWriter() {}

    /** Takes the directory. */
    public static void main(String[] args) throws InterruptedException {
        try (Ledger ledger = Ledger.open(Path.of(args[0]))) {
            Thread last = Thread.currentThread();
            for (int i = 0; i < WRITERS; i++) {
                int writer = i;
                last = Thread.ofVirtual().start(() -> write(ledger, writer));
            }
            last.join();
        }
    }

    private static void write(Ledger ledger, int writer) {
        String count = "count/" + writer;
        int n = ledger.get(count).map(v -> ByteBuffer.wrap(v).getInt()).orElse(0);
        while (true) {
            n++;
            byte[] large = ByteBuffer.allocate(20_000).putInt(n).array();
            byte[] number = ByteBuffer.allocate(4).putInt(n).array();
            ledger.write(
                            new Batch()
                                    .put("slot/" + writer + "/" + n % SLOTS, large)
                                    .put(count, number))
                    .await();
            synchronized (KilledWriter.class) {
                System.out.println(writer + " " + n);
                System.out.flush();
            }
        }
    }
}
