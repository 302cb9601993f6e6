package io.weft.store;

import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntSupplier;

/**
 * @param compactionFloor bytes of log below which no snapshot is made
 * @param compactor runs the writing of a snapshot
 * @param salt of the next log; see {@link LogFile}
 */
record Options(long compactionFloor, Executor compactor, IntSupplier salt) {
    static final Options DEFAULT =
            new Options(
                    4 << 20,
                    task -> Thread.ofPlatform().daemon().name("weft-ledger-snapshot").start(task),
                    () -> ThreadLocalRandom.current().nextInt());
}
