package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which blocks hold an address. Every cidr and every except is a prefix here; the region of a
 * prefix is the prefix without the smaller ones inside it. No block begins or ends inside a region,
 * so all its addresses are held by the same blocks.
 */
final class Regions {
    private final PersistentMap<Remote.IpBlock, Boolean> blocks;
    private final PersistentMap<Prefix, List<Remote.IpBlock>> holders;
    private final PersistentMap<Prefix, Integer> uses;
    private final BitSet v4Lengths;
    private final BitSet v6Lengths;

    Regions() {
        this(
                PersistentMap.empty(),
                PersistentMap.empty(),
                PersistentMap.empty(),
                new BitSet(),
                new BitSet());
    }

    private Regions(
            PersistentMap<Remote.IpBlock, Boolean> blocks,
            PersistentMap<Prefix, List<Remote.IpBlock>> holders,
            PersistentMap<Prefix, Integer> uses,
            BitSet v4Lengths,
            BitSet v6Lengths) {
        this.blocks = blocks;
        this.holders = holders;
        this.uses = uses;
        this.v4Lengths = v4Lengths;
        this.v6Lengths = v6Lengths;
    }

    /**
     * @param changed prefixes whose blocks are other than before, also those that came or went
     */
    record Change(Regions regions, Set<Prefix> changed) {}

    /** {@return the blocks that hold all of the region, sorted; empty for one that is unknown} */
    List<Remote.IpBlock> of(Prefix region) {
        return holders.getOrDefault(region, List.of());
    }

    boolean knows(Prefix region) {
        return holders.containsKey(region);
    }

    /** {@return the blocks that hold the address, sorted} */
    List<Remote.IpBlock> of(Ip ip) {
        BitSet lengths = ip.isV4() ? v4Lengths : v6Lengths;
        for (int length = lengths.previousSetBit(128);
                length >= 0;
                length = lengths.previousSetBit(length - 1)) {
            List<Remote.IpBlock> found = holders.get(new Prefix(ip, length));
            if (found != null) {
                return found;
            }
        }
        return List.of();
    }

    /** {@return those blocks that also mean addresses of the cluster} */
    List<Remote.IpBlock> inside(Ip ip) {
        List<Remote.IpBlock> all = of(ip);
        return all.stream().anyMatch(Remote.IpBlock::outsideOnly)
                ? all.stream().filter(block -> !block.outsideOnly()).toList()
                : all;
    }

    Change change(Set<Remote.IpBlock> brought, Set<Remote.IpBlock> taken) {
        PersistentMap<Remote.IpBlock, Boolean> nextBlocks = blocks;
        PersistentMap<Prefix, Integer> nextUses = uses;
        for (Remote.IpBlock block : brought) {
            nextBlocks = nextBlocks.with(block, true);
            for (Prefix prefix : prefixes(block)) {
                nextUses = nextUses.with(prefix, nextUses.getOrDefault(prefix, 0) + 1);
            }
        }
        for (Remote.IpBlock block : taken) {
            nextBlocks = nextBlocks.without(block);
            for (Prefix prefix : prefixes(block)) {
                int left = nextUses.getOrDefault(prefix, 0) - 1;
                nextUses = left == 0 ? nextUses.without(prefix) : nextUses.with(prefix, left);
            }
        }
        Set<Remote.IpBlock> both = new HashSet<>(brought);
        both.addAll(taken);
        Set<Prefix> inside = new TreeSet<>();
        for (Remote.IpBlock block : both) {
            inside.addAll(prefixes(block));
        }
        for (Prefix region : holders.keySet()) {
            if (both.stream().anyMatch(block -> block.cidr().contains(region))) {
                inside.add(region);
            }
        }
        PersistentMap<Prefix, List<Remote.IpBlock>> nextHolders = holders;
        Set<Prefix> changed = new TreeSet<>();
        for (Prefix region : inside) {
            List<Remote.IpBlock> old = holders.get(region);
            if (!nextUses.containsKey(region)) {
                nextHolders = nextHolders.without(region);
                changed.add(region);
                continue;
            }
            List<Remote.IpBlock> now =
                    old == null
                            ? holding(region, nextBlocks.keySet())
                            : changedHolders(old, region, brought, taken);
            if (!now.equals(old)) {
                nextHolders = nextHolders.with(region, now);
                changed.add(region);
            }
        }
        BitSet v4 = new BitSet();
        BitSet v6 = new BitSet();
        for (Prefix prefix : nextHolders.keySet()) {
            (prefix.isV4() ? v4 : v6).set(prefix.length());
        }
        return new Change(new Regions(nextBlocks, nextHolders, nextUses, v4, v6), changed);
    }

    private static Set<Prefix> prefixes(Remote.IpBlock block) {
        Set<Prefix> prefixes = new TreeSet<>(block.except());
        prefixes.add(block.cidr());
        return prefixes;
    }

    private static List<Remote.IpBlock> holding(Prefix region, Set<Remote.IpBlock> among) {
        List<Remote.IpBlock> found = new ArrayList<>();
        for (Remote.IpBlock block : among) {
            if (block.holds(region)) {
                found.add(block);
            }
        }
        Collections.sort(found);
        return List.copyOf(found);
    }

    private static List<Remote.IpBlock> changedHolders(
            List<Remote.IpBlock> old,
            Prefix region,
            Set<Remote.IpBlock> brought,
            Set<Remote.IpBlock> taken) {
        List<Remote.IpBlock> now = new ArrayList<>(old);
        now.removeAll(taken);
        now.addAll(holding(region, brought));
        Collections.sort(now);
        return List.copyOf(now);
    }
}
