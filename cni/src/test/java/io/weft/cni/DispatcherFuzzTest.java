package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Whatever it is given, the dispatcher answers, with a code that the specification has for it. */
@KernelTest
class DispatcherFuzzTest {
    private static final int RUNS = Boolean.getBoolean("weft.full") ? 500_000 : 20_000;
    private static final String BASE =
            """
            {"cniVersion":"1.1.0","name":"net1","type":"weft","interface":"macvlan","master":"eth0",\
            "mode":"vepa","mtu":1400,"ipMasq":true,"pool":"blue","namespace":"shop","labels":{"app":"web"},\
            "ipam":{"type":"weft","pool":"p","addresses":["10.0.0.5/24"],"ranges":[[{"subnet":"10.0.0.0/24",\
            "rangeStart":"10.0.0.2","rangeEnd":"10.0.0.9","gateway":"10.0.0.1"}]]},\
            "runtimeConfig":{"portMappings":[{"hostPort":80,"containerPort":8080,"protocol":"udp","hostIP":"::1"}],\
            "bandwidth":{"ingressRate":1000,"egressBurst":5},"ipRanges":[[{"subnet":"fd00::/64"}]],"ips":["10.0.0.6"],\
            "mac":"0a:58:0a:00:00:07","dns":{"servers":["1.1.1.1"],"searches":["a"],"options":["ndots:1"]},\
            "aliases":["db"],"cgroupPath":"/x"},"args":{"cni":{"labels":[{"key":"a","value":"b"}],"ips":["10.0.0.7/8"],\
            "mac":"0a:58:0a:00:00:08"}},"cni.dev/valid-attachments":[{"containerID":"a","ifname":"eth0"}],\
            "prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"eth0","mac":"0a:58:0a:00:00:07","sandbox":"/x"}],\
            "ips":[{"address":"10.0.0.5/24","gateway":"10.0.0.1","interface":0}],"routes":[{"dst":"0.0.0.0/0","gw":"10.0.0.1",\
            "mtu":5}],"dns":{"nameservers":["1.1.1.1"],"domain":"d","search":["s"],"options":[]}}}\
            """;

    private Random random = new Random(0);

    @Test
    void alwaysAnswersWithTheRightCode() throws Exception {
        long seed = System.nanoTime();
        random = new Random(seed);
        System.out.println("seed " + seed);
        List<Throwable> bugs = new ArrayList<>();
        FakePlugin plugin = new FakePlugin();
        CniDispatcher weft = new CniDispatcher(Set.of("weft"), plugin, plugin, bugs::add);
        Map<String, Object> base = Json.object(BASE.getBytes(StandardCharsets.UTF_8));
        Map<String, Integer> codes = new TreeMap<>();
        try (NetNs pod = NetNs.createAnonymous()) {
            for (int run = 0; run < RUNS; run++) {
                boolean tree = random.nextBoolean();
                String verb = pick("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION");
                Map<String, String> environment = environment(verb);
                byte[] stdin =
                        tree
                                ? Json.write(mutated(base))
                                : mutated(BASE.getBytes(StandardCharsets.UTF_8));
                CniAnswer answer =
                        weft.dispatch(
                                environment,
                                stdin,
                                random.nextInt(20) == 0 ? Optional.empty() : Optional.of(pod));
                String what =
                        "seed "
                                + seed
                                + ", run "
                                + run
                                + ": "
                                + environment
                                + " "
                                + new String(stdin, StandardCharsets.UTF_8)
                                + " -> "
                                + answer
                                + bugs;
                assertThat(bugs).as(what).isEmpty();
                assertThat(answer.exitCode()).as(what).isBetween(0, 1);
                if (answer.exitCode() == 1) {
                    Map<String, Object> error =
                            Json.object(answer.stdout().getBytes(StandardCharsets.UTF_8));
                    assertThat(error.get("code")).as(what).isIn(1, 4, 6, 7);
                    assertThat(String.valueOf(error.get("msg"))).as(what).isNotBlank();
                    if (tree) {
                        assertThat(error.get("code")).as(what).isNotEqualTo(6);
                    }
                    codes.merge(verb + " " + error.get("code"), 1, Integer::sum);
                } else {
                    codes.merge(verb + " ok", 1, Integer::sum);
                    if (!answer.stdout().isEmpty()) {
                        Json.object(answer.stdout().getBytes(StandardCharsets.UTF_8));
                    }
                }
            }
        }
        assertThat(codes)
                .as("seed %d", seed)
                .containsKeys("ADD ok", "ADD 1", "ADD 4", "ADD 6", "ADD 7", "DEL ok", "GC ok");
        assertThat(codes).as("seed %d: DEL takes what it can use", seed).doesNotContainKey("DEL 7");
        plugin.asked.clear();
    }

    private Map<String, String> environment(String verb) {
        Map<String, String> environment = new LinkedHashMap<>();
        environment.put("CNI_COMMAND", verb);
        environment.put("CNI_CONTAINERID", "c1");
        environment.put("CNI_NETNS", "/run/netns/x");
        environment.put("CNI_IFNAME", "eth0");
        environment.put("CNI_PATH", "/opt/cni/bin");
        environment.put("CNI_ARGS", "IgnoreUnknown=1;K8S_POD_NAME=a");
        if (random.nextInt(4) == 0) {
            String name =
                    pick(
                            "CNI_CONTAINERID",
                            "CNI_IFNAME",
                            "CNI_ARGS",
                            "CNI_NETNS",
                            "CNI_PATH",
                            "TRACEPARENT");
            environment.put(name, random.nextInt(3) == 0 ? "" : noise());
        }
        return environment;
    }

    private String noise() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(30); i > 0; i--) {
            text.append(
                    (char)
                            (random.nextInt(20) == 0
                                    ? random.nextInt(0xd7ff)
                                    : ' ' + random.nextInt(95)));
        }
        return text.toString();
    }

    private byte[] mutated(byte[] bytes) {
        byte[] result = bytes.clone();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(result.length);
            switch (random.nextInt(3)) {
                case 0 -> result[at] = (byte) random.nextInt(256);
                case 1 -> result = java.util.Arrays.copyOf(result, at + 1);
                default -> {
                    int to = Math.min(result.length, at + random.nextInt(40));
                    byte[] shorter = new byte[result.length - (to - at)];
                    System.arraycopy(result, 0, shorter, 0, at);
                    System.arraycopy(result, to, shorter, at, result.length - to);
                    result = shorter.length == 0 ? bytes.clone() : shorter;
                }
            }
        }
        return result;
    }

    /** One to three values somewhere in the tree are others, or gone. */
    private Map<String, Object> mutated(Map<String, Object> base) {
        Map<String, Object> result = base;
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            result = mutate(result);
        }
        return result;
    }

    private Map<String, Object> mutate(Map<String, Object> map) {
        Map<String, Object> copy = new LinkedHashMap<>(map);
        List<String> keys = new ArrayList<>(map.keySet());
        if (keys.isEmpty()) {
            copy.put(noise(), value());
            return copy;
        }
        String key = keys.get(random.nextInt(keys.size()));
        Object old = copy.get(key);
        if (random.nextInt(10) == 0) {
            copy.remove(key);
        } else {
            copy.put(key, mutateValue(old == null ? "" : old));
        }
        return copy;
    }

    private Object mutateValue(Object value) {
        if (random.nextInt(4) == 0) {
            return value();
        }
        return switch (value) {
            case Map<?, ?> map -> {
                Map<String, Object> typed = new LinkedHashMap<>();
                map.forEach((k, v) -> {
                    if (v != null) {
                        typed.put(String.valueOf(k), v);
                    }
                });
                yield mutate(typed);
            }
            case List<?> list when !list.isEmpty() -> {
                List<Object> copy = new ArrayList<>(list);
                int at = random.nextInt(copy.size());
                copy.set(at, mutateValue(copy.get(at)));
                yield copy;
            }
            default -> value();
        };
    }

    private Object value() {
        return switch (random.nextInt(9)) {
            case 0 -> noise();
            case 1 -> random.nextInt();
            case 2 -> random.nextLong();
            case 3 -> random.nextBoolean();
            case 4 -> Map.of();
            case 5 -> List.of(noise(), 1);
            case 6 -> new java.math.BigInteger(200, random);
            case 7 ->
                    pick(
                            "10.0.0.1/24",
                            "::/0",
                            "0.0.0.0/33",
                            "1.0.0",
                            "weft",
                            "bridge",
                            "host",
                            "0.3.0");
            default -> random.nextDouble();
        };
    }

    private String pick(String... texts) {
        return texts[random.nextInt(texts.length)];
    }
}
