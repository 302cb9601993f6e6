package io.weft.netlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class NetlinkSocketTest {
    private static final int ENOBUFS = 105;
    private TestNet net;

    @BeforeEach
    void makeNamespace() {
        net = new TestNet();
    }

    @AfterEach
    void deleteNamespace() {
        net.close();
    }

    @Test
    void staysInItsNamespaceWhereverItIsUsedFrom() {
        try (NetlinkSocket socket = net.namespace.call(() -> NetlinkSocket.open());
                NetNs home = socket.namespace()) {
            assertThat(home.cookie()).isEqualTo(net.namespace.cookie());
        }
        net.veth("v0", "v1");
        assertThat(net.netlink.links().get("v0")).isPresent();
        try (Netlink outside = Netlink.open()) {
            assertThat(outside.links().get("v0")).isEmpty();
        }
    }

    /**
     * A receive queue too short for the acks: those that got lost are said to be, nothing hangs.
     */
    @Test
    void saysWhichAnswersWereDropped() {
        try (NetlinkSocket socket = net.namespace.call(() -> NetlinkSocket.open(1))) {
            List<Request> requests =
                    Collections.nCopies(NetlinkSocket.REQUESTS_PER_SEND, LinkMessages.get("lo"));
            List<NetlinkException> failures =
                    socket.exchange(requests).stream()
                            .flatMap(outcome -> outcome.failure().stream())
                            .toList();
            assertThat(failures)
                    .isNotEmpty()
                    .allSatisfy(e -> {
                        assertThat(e.is(ENOBUFS)).isTrue();
                        assertThat(e).hasMessageContaining("read back");
                    });
            List<Link> links = socket.dump(LinkMessages.list(), LinkMessages::parse);
            assertThat(links).extracting(Link::name).containsExactly("lo");
        }
    }

    @Test
    void servesManyThreads() throws Exception {
        Netlink netlink = net.netlink;
        int link = net.veth("v0", "v1").index();
        netlink.links().setUp(link);
        try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
            List<Future<?>> work = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int table = 1000 + t;
                work.add(
                        threads.submit(() -> {
                            for (int i = 0; i < 50; i++) {
                                Route route =
                                        Route.to(Cidr.parse("10.9." + i + ".0/24"))
                                                .dev(link)
                                                .table(table)
                                                .build();
                                netlink.routes().add(route);
                                assertThat(netlink.routes().list(table)).contains(route);
                                assertThat(netlink.links().get(link)).isPresent();
                                assertThatThrownBy(() -> netlink.routes().add(route))
                                        .hasMessageContaining("table " + table);
                            }
                        }));
            }
            for (Future<?> each : work) {
                each.get();
            }
        }
    }

    /** Links that stay are in every listing, however the table changes meanwhile. */
    @Test
    void repeatsAnInterruptedDump() throws Exception {
        Batch batch = net.netlink.batch();
        for (int i = 0; i < 60; i++) {
            batch.create(
                    new LinkSpec.Veth(LinkSettings.named("a" + i), LinkSettings.named("b" + i)));
        }
        batch.send();
        AtomicBoolean stop = new AtomicBoolean();
        try (Netlink other = Netlink.open(net.namespace);
                ExecutorService threads = Executors.newSingleThreadExecutor()) {
            Future<?> churn =
                    threads.submit(() -> {
                        while (!stop.get()) {
                            other.links().create(new LinkSpec.Bridge(LinkSettings.named("churn")));
                            other.links().delete("churn");
                        }
                    });
            try {
                for (int i = 0; i < 20; i++) {
                    assertThat(net.netlink.links().list())
                            .extracting(Link::name)
                            .doesNotHaveDuplicates()
                            .contains("a0", "a59", "b0", "b59");
                }
            } finally {
                stop.set(true);
                churn.get();
            }
        }
    }

    @Test
    void refusesToWorkOnceClosed() {
        Netlink closed = Netlink.open(net.namespace);
        closed.close();
        closed.close();
        assertThatThrownBy(() -> closed.links().list())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("rtnetlink socket is closed");
    }
}
