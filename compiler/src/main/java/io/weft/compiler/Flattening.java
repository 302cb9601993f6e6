package io.weft.compiler;

import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Turns clauses into blocks such that the longest match is the highest precedence.
 *
 * <p>Blocks of (protocol, port) either contain each other or are disjoint. So clauses are taken by
 * falling precedence, and a block is left out when one that is already there contains it: that one
 * has the same or a higher precedence and decides. What remains inside a larger block has a higher
 * precedence than it, and is longer. Among equal precedence larger blocks go first, so what they
 * cover collapses; then the order of the clauses counts.
 *
 * <p>The kernel makes a second look-up, for whoever, and the higher precedence wins; hence a block
 * is also left out when the blocks for whoever contain it with the same or a higher precedence.
 */
final class Flattening {
    private static final Comparator<Cell> BY_PRECEDENCE_THEN_SIZE =
            Comparator.<Cell>comparingInt(c -> c.verdict.precedence() + Integer.MIN_VALUE)
                    .reversed()
                    .thenComparingInt(c -> c.block.bits());

    private Flattening() {}

    private record Cell(Ports.Block block, Verdict verdict) {}

    /**
     * {@return what is decided about each block; unmodifiable}
     *
     * @param clauses about one remote, in order of policy and rule
     * @param names of ports, at the destination
     * @param whoever what the second look-up finds; empty when this is about whoever
     */
    static Map<Ports.Block, Verdict> flatten(
            List<GroupEntries.Numbered> clauses,
            Map<Ports.Name, Integer> names,
            Map<Ports.Block, Verdict> whoever) {
        List<Cell> cells = new ArrayList<>();
        for (GroupEntries.Numbered numbered : clauses) {
            for (Ports.Block block : numbered.clause().ports().blocks(names)) {
                cells.add(new Cell(block, numbered.verdict()));
            }
        }
        cells.sort(BY_PRECEDENCE_THEN_SIZE); // stable
        Map<Ports.Block, Verdict> kept = new LinkedHashMap<>();
        for (Cell cell : cells) {
            if (!covered(cell, kept) && !covered(cell, whoever)) {
                kept.put(cell.block, cell.verdict);
            }
        }
        return Collections.unmodifiableMap(kept);
    }

    private static boolean covered(Cell cell, Map<Ports.Block, Verdict> by) {
        if (by.isEmpty()) {
            return false;
        }
        for (int bits = cell.block.bits(); bits >= 8; bits--) {
            if (decides(by.get(cell.block.shortened(bits)), cell)) {
                return true;
            }
        }
        return decides(by.get(Ports.Block.EVERYTHING), cell);
    }

    private static boolean decides(@Nullable Verdict verdict, Cell cell) {
        return verdict != null
                && Integer.compareUnsigned(verdict.precedence(), cell.verdict.precedence()) >= 0;
    }
}
