package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import io.weft.model.Ip;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two sets of three policies take turns under traffic. Each set denies UDP 9001 and allows UDP
 * 9002; A's cluster policy with B's NetworkPolicy would let 9001 through, B's cluster policy with
 * A's CiliumNetworkPolicy would cut 9002.
 */
@KernelTest
@Timeout(120)
class PolicyStormTest {
    private static final int SWITCHES = 40;
    private static final String POLICIES =
            """
            ---
            apiVersion: policy.networking.k8s.io/v1alpha2
            kind: ClusterNetworkPolicy
            metadata: {name: storm}
            spec:
              tier: Admin
              priority: 10
              subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: server}}}}
              ingress:
              - action: %s
                from: [{namespaces: {}}]
                protocols: [{udp: {destinationPort: {number: %d}}}]
            ---
            apiVersion: networking.k8s.io/v1
            kind: NetworkPolicy
            metadata: {name: storm}
            spec:
              podSelector: {matchLabels: {app: server}}
              policyTypes: [Ingress]
              ingress: [{ports: [{port: %d, protocol: UDP}]}]
            ---
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: storm}
            spec:
              endpointSelector: {matchLabels: {app: server}}
              ingress:
              - fromEndpoints: [{matchLabels: {app: client}}]
                toPorts: [{ports: [{port: "%d", protocol: UDP}]}]
            """;
    private static final String A = POLICIES.formatted("Accept", 9002, 9, 9);
    private static final String B = POLICIES.formatted("Deny", 9001, 9001, 9002);

    @TempDir private Path temporary;

    @Test
    void noPacketIsJudgedByAMixtureOfTwoSets() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger exchanged = new AtomicInteger();
        try (TestNode node = TestNode.start(temporary)) {
            node.apply(
                    TestNode.pod("client", "app: client") + TestNode.pod("server", "app: server"));
            node.apply(A);
            try (NetNs client = node.namespace("client");
                    NetNs server = node.namespace("server");
                    Echo echo = new Echo().udp(server, 9001).udp(server, 9002)) {
                assertThat(echo).isNotNull();
                List<Future<Integer>> senders = new ArrayList<>();
                try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
                    for (Ip to : node.endpoint("server").ips()) {
                        senders.add(threads.submit(() -> storm(client, to, over, exchanged)));
                    }
                    try {
                        for (int i = 1; i <= SWITCHES; i++) {
                            node.apply(i % 2 == 0 ? A : B);
                            int before = exchanged.get();
                            TestNode.until(
                                    "packets after switch " + i,
                                    () -> exchanged.get() > before || anyDone(senders));
                        }
                    } finally {
                        over.set(true);
                    }
                }
                for (Future<Integer> sender : senders) {
                    assertThat(sender.get()).as("answers from the denied port").isZero();
                }
                assertThat(exchanged.get()).isGreaterThan(SWITCHES);
            }
        }
    }

    private static boolean anyDone(List<Future<Integer>> senders) {
        return senders.stream().anyMatch(Future::isDone);
    }

    /** Each allowed packet must be answered. {@return answers from the denied port} */
    private static int storm(NetNs client, Ip to, AtomicBoolean over, AtomicInteger exchanged)
            throws IOException {
        int wrong = 0;
        while (!over.get()) {
            try (DatagramChannel denied = client.call(() -> DatagramChannel.open());
                    DatagramChannel allowed = client.call(() -> DatagramChannel.open())) {
                denied.connect(Echo.address(to, 9001));
                allowed.connect(Echo.address(to, 9002));
                allowed.socket().setSoTimeout(5_000);
                denied.configureBlocking(false);
                for (int i = 0; i < 20 && !over.get(); i++) {
                    denied.write(ByteBuffer.wrap(new byte[] {1}));
                    allowed.write(ByteBuffer.wrap(new byte[] {2}));
                    try {
                        allowed.socket().receive(new DatagramPacket(new byte[8], 8));
                    } catch (SocketTimeoutException lost) {
                        throw new AssertionError("a packet to " + to + " UDP 9002 was lost", lost);
                    }
                    wrong += denied.read(ByteBuffer.allocate(8)) > 0 ? 1 : 0;
                    exchanged.incrementAndGet();
                }
            }
        }
        return wrong;
    }
}
