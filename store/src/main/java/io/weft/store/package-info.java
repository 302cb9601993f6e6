/**
 * What a node must not forget: a small map, durable before the answer goes out.
 *
 * <pre>
 *   try (Ledger ledger = Ledger.open(Path.of("/var/lib/weft/ledger"));
 *           Batch batch = new Batch()) {
 *       batch.put("attachment/4f2a/eth0", record).remove("tombstone/4f2a");
 *       Commit commit = ledger.write(batch); // others see it from here on
 *       commit.await();                      // it outlives a power failure from here on
 *   }
 * </pre>
 *
 * <p>A batch is atomic: after a crash all of it is there or nothing of it, and then nothing that
 * was written after it either. Whatever waits while the disk syncs is written and synced together.
 *
 * <pre>
 *   lock          held while a process has the ledger open; says which
 *   snapshot-7    the whole map as it was when log-7 began
 *   log-7         header, then frames: what was written since
 *   log-8         while snapshot-8 is being written aside, and until it has its name
 * </pre>
 *
 * <p>Opening reads the newest snapshot and the logs from there on. {@link io.weft.store.LogFile}
 * draws the bytes and says how an unfinished write is told from damage.
 */
@NullMarked
package io.weft.store;

import org.jspecify.annotations.NullMarked;
