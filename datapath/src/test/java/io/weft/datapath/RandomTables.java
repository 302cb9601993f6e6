package io.weft.datapath;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Ref;
import io.weft.tables.Action;
import io.weft.tables.Direction;
import io.weft.tables.Group;
import io.weft.tables.MatchKey;
import io.weft.tables.PodPolicy;
import io.weft.tables.Rules;
import io.weft.tables.Tables;
import io.weft.tables.Verdict;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Tables and slots at random, small enough that everything collides. */
final class RandomTables {
    static final int PODS = 6;

    private RandomTables() {}

    static Ref pod(int i) {
        return Ref.pod("t", "pod" + i);
    }

    private static final List<String> BLOCKS =
            List.of(
                    "0.0.0.0/0",
                    "::/0",
                    "10.0.0.0/8",
                    "10.0.0.0/29",
                    "10.0.0.4/30",
                    "10.0.0.4/32",
                    "10.128.0.0/9",
                    "fd00::/16",
                    "fd00::/125",
                    "fd00::4/126",
                    "fd00::4/128");

    static List<Ip> probes() {
        List<Ip> probes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            probes.add(Ip.parse("10.0.0." + i));
            probes.add(Ip.parse("fd00::" + i));
        }
        probes.add(Ip.parse("10.200.0.1"));
        probes.add(Ip.parse("11.0.0.1"));
        probes.add(Ip.parse("fd01::1"));
        return probes;
    }

    private static Map<MatchKey, Verdict> randomEntries(Random random) {
        Map<MatchKey, Verdict> entries = new HashMap<>();
        int[] bits = {0, 8, 16, 20, 24};
        for (int i = random.nextInt(12); i > 0; i--) {
            MatchKey key =
                    MatchKey.exact(random.nextInt(3), 6, random.nextInt(4) * 0x1001)
                            .shortened(bits[random.nextInt(bits.length)]);
            Action action = random.nextBoolean() ? Action.ALLOW : Action.DENY;
            entries.put(key, new Verdict(action, random.nextInt(3), 16 + random.nextInt(100)));
        }
        return Map.copyOf(entries);
    }

    /** Changes a part, and shares the rest with {@code old}, as the compiler does. */
    static Tables randomStep(Random random, Tables old) {
        Map<Ip, Integer> podIdentities = old.podIdentities();
        Map<Prefix, Integer> blocks = old.blockIdentities();
        Map<Integer, Group> groups = old.groups();
        Map<Ref, PodPolicy> pods = old.pods();
        if (random.nextInt(3) == 0) {
            Map<Ip, Integer> next = new HashMap<>(podIdentities);
            for (int i = random.nextInt(4); i >= 0; i--) {
                Ip ip = probes().get(random.nextInt(20));
                if (random.nextBoolean()) {
                    next.put(ip, 256 + random.nextInt(4));
                } else {
                    next.remove(ip);
                }
            }
            podIdentities = next;
        }
        if (random.nextInt(3) == 0) {
            Map<Prefix, Integer> next = new HashMap<>(blocks);
            for (int i = random.nextInt(4); i >= 0; i--) {
                Prefix block = Prefix.parse(BLOCKS.get(random.nextInt(BLOCKS.size())));
                if (random.nextBoolean() || block.length() == 0) {
                    next.put(block, 300 + random.nextInt(4));
                } else {
                    next.remove(block);
                }
            }
            blocks = next;
        }
        if (random.nextInt(2) == 0) {
            Map<Integer, Group> next = new HashMap<>(groups);
            int id = 1 + random.nextInt(4);
            next.put(
                    id,
                    new Group(
                            id, Direction.INGRESS, 16 + random.nextInt(9), randomEntries(random)));
            groups = next;
        }
        if (random.nextInt(2) == 0) {
            Map<Ref, PodPolicy> next = new LinkedHashMap<>(pods);
            Ref pod = pod(random.nextInt(PODS));
            List<Integer> ids = new ArrayList<>(groups.keySet());
            ids.add(Group.OPEN);
            if (random.nextInt(5) == 0) {
                next.remove(pod);
            } else {
                next.put(
                        pod,
                        new PodPolicy(
                                256,
                                ids.get(random.nextInt(ids.size())),
                                ids.get(random.nextInt(ids.size())),
                                random.nextInt(4) == 0));
            }
            pods = next;
        }
        return new Tables(podIdentities, blocks, groups, pods, new Rules(Map.of()));
    }

    static Map<Ref, Integer> randomSlots(Random random) {
        Map<Ref, Integer> slots = new HashMap<>();
        for (int i = 0; i < PODS; i++) {
            if (random.nextInt(4) != 0) {
                slots.put(pod(i), i);
            }
        }
        return slots;
    }
}
