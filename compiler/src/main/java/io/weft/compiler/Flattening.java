package io.weft.compiler;

import io.weft.tables.Action;
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
 *
 * <p>The kernel knows no Pass, so {@link #resolve} replaces it by what decides below its tier.
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

    /**
     * {@return what is decided about each block, where some clauses pass; unmodifiable}
     *
     * <p>Each block gets what decides outside of the smaller blocks in it, with the precedence of
     * the first clause that matches there, a Pass or not. About an identity, give the clauses about
     * whoever too: then that precedence is at least the one that the look-up for whoever finds.
     *
     * @param fallback decides where all that matches passes
     */
    static Map<Ports.Block, Verdict> resolve(
            List<GroupEntries.Numbered> clauses, Map<Ports.Name, Integer> names, Verdict fallback) {
        Map<Ports.Block, List<GroupEntries.Numbered>> at = new LinkedHashMap<>();
        for (GroupEntries.Numbered numbered : clauses) {
            for (Ports.Block block : numbered.clause().ports().blocks(names)) {
                at.computeIfAbsent(block, _ -> new ArrayList<>()).add(numbered);
            }
        }
        List<Ports.Block> blocks = new ArrayList<>(at.keySet());
        blocks.sort(Comparator.comparingInt(Ports.Block::bits));
        Map<Ports.Block, Verdict> kept = new LinkedHashMap<>();
        for (Ports.Block block : blocks) {
            List<GroupEntries.Numbered> matching = new ArrayList<>();
            Verdict inherited = null;
            for (Ports.Block holder : holders(block)) {
                matching.addAll(at.getOrDefault(holder, List.of()));
                Verdict verdict = kept.get(holder);
                inherited = verdict == null ? inherited : verdict;
            }
            Verdict verdict = first(matching, fallback);
            if (!verdict.equals(inherited)) {
                kept.put(block, verdict);
            }
        }
        return Collections.unmodifiableMap(kept);
    }

    /** {@return the blocks that hold {@code block}, itself last} */
    private static List<Ports.Block> holders(Ports.Block block) {
        List<Ports.Block> holders = new ArrayList<>();
        holders.add(Ports.Block.EVERYTHING);
        for (int bits = 8; bits <= block.bits(); bits++) {
            holders.add(block.shortened(bits));
        }
        return holders;
    }

    private static Verdict first(List<GroupEntries.Numbered> matching, Verdict fallback) {
        matching.sort(
                Comparator.<GroupEntries.Numbered>comparingInt(
                                n -> n.clause().precedence() + Integer.MIN_VALUE)
                        .reversed()); // stable
        int precedence = matching.getFirst().clause().precedence();
        int below = -1; // unsigned: above every precedence
        for (GroupEntries.Numbered numbered : matching) {
            int own = numbered.clause().precedence();
            if (Integer.compareUnsigned(own, below) >= 0) {
                continue;
            }
            switch (numbered.clause().effect()) {
                case PASS -> below = Statement.Precedence.floor(own);
                case ALLOW -> {
                    return new Verdict(Action.ALLOW, precedence, numbered.rule());
                }
                case DENY -> {
                    return new Verdict(Action.DENY, precedence, numbered.rule());
                }
            }
        }
        return new Verdict(fallback.action(), precedence, fallback.rule());
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
