package io.weft.compiler;

import io.weft.model.Ip;
import io.weft.model.OrderedMap;
import io.weft.model.PersistentMap;
import io.weft.model.Prefix;
import java.util.ArrayList;
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
    private static final int LENGTHS = 129;

    private final PersistentMap<Prefix, List<Remote.IpBlock>> blocksByCidr;
    private final OrderedMap<Prefix, List<Remote.IpBlock>> holders;
    private final PersistentMap<Prefix, Integer> uses;
    private final int[] v4Lengths; // length → regions
    private final int[] v6Lengths;

    Regions() {
        this(
                PersistentMap.empty(),
                OrderedMap.empty(),
                PersistentMap.empty(),
                new int[LENGTHS],
                new int[LENGTHS]);
    }

    private Regions(
            PersistentMap<Prefix, List<Remote.IpBlock>> blocksByCidr,
            OrderedMap<Prefix, List<Remote.IpBlock>> holders,
            PersistentMap<Prefix, Integer> uses,
            int[] v4Lengths,
            int[] v6Lengths) {
        this.blocksByCidr = blocksByCidr;
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
        int[] lengths = ip.isV4() ? v4Lengths : v6Lengths;
        for (int length = LENGTHS - 1; length >= 0; length--) {
            List<Remote.IpBlock> found =
                    lengths[length] == 0 ? null : holders.get(new Prefix(ip, length));
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
        PersistentMap<Prefix, List<Remote.IpBlock>> nextBlocks = blocksByCidr;
        PersistentMap<Prefix, Integer> nextUses = uses;
        for (Remote.IpBlock block : brought) {
            List<Remote.IpBlock> alike = new ArrayList<>(at(block.cidr(), nextBlocks));
            alike.add(block);
            nextBlocks = nextBlocks.with(block.cidr(), List.copyOf(alike));
            for (Prefix prefix : prefixes(block)) {
                nextUses = nextUses.with(prefix, nextUses.getOrDefault(prefix, 0) + 1);
            }
        }
        for (Remote.IpBlock block : taken) {
            List<Remote.IpBlock> alike = new ArrayList<>(at(block.cidr(), nextBlocks));
            alike.remove(block);
            nextBlocks =
                    alike.isEmpty()
                            ? nextBlocks.without(block.cidr())
                            : nextBlocks.with(block.cidr(), List.copyOf(alike));
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
            for (Prefix region : holders.tailMap(block.cidr()).keySet()) {
                if (!block.cidr().contains(region)) {
                    break; // past it: those inside follow their block
                }
                inside.add(region);
            }
        }
        OrderedMap<Prefix, List<Remote.IpBlock>> nextHolders = holders;
        int[] v4 = v4Lengths.clone();
        int[] v6 = v6Lengths.clone();
        Set<Prefix> changed = new TreeSet<>();
        for (Prefix region : inside) {
            List<Remote.IpBlock> old = holders.get(region);
            if (!nextUses.containsKey(region)) {
                if (old != null) {
                    nextHolders = nextHolders.without(region);
                    (region.isV4() ? v4 : v6)[region.length()]--;
                }
                changed.add(region);
                continue;
            }
            List<Remote.IpBlock> now =
                    old == null
                            ? holding(region, nextBlocks)
                            : changedHolders(old, region, brought, taken);
            if (old == null) {
                (region.isV4() ? v4 : v6)[region.length()]++;
            }
            if (!now.equals(old)) {
                nextHolders = nextHolders.with(region, now);
                changed.add(region);
            }
        }
        return new Change(new Regions(nextBlocks, nextHolders, nextUses, v4, v6), changed);
    }

    private static Set<Prefix> prefixes(Remote.IpBlock block) {
        Set<Prefix> prefixes = new TreeSet<>(block.except());
        prefixes.add(block.cidr());
        return prefixes;
    }

    private static List<Remote.IpBlock> at(
            Prefix cidr, PersistentMap<Prefix, List<Remote.IpBlock>> blocksByCidr) {
        return blocksByCidr.getOrDefault(cidr, List.of());
    }

    private static List<Remote.IpBlock> holding(
            Prefix region, PersistentMap<Prefix, List<Remote.IpBlock>> blocksByCidr) {
        List<Remote.IpBlock> found = new ArrayList<>();
        for (int length = region.length(); length >= 0; length--) {
            for (Remote.IpBlock block : at(new Prefix(region.ip(), length), blocksByCidr)) {
                if (block.holds(region)) {
                    found.add(block);
                }
            }
        }
        Collections.sort(found);
        return List.copyOf(found);
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
