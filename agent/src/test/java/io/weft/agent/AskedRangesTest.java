package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.testing.KernelTest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Addresses out of ranges that the runtime or the config asks for, in host-local's form. */
@KernelTest
@Timeout(120)
@SuppressWarnings("NullAway.Init") // start()
class AskedRangesTest {
    @TempDir private Path temporary;
    private TestAgent agent;

    @BeforeEach
    void start() {
        agent =
                TestAgent.start(
                        temporary,
                        """
                        addressPools:
                        - name: default
                          ranges: [{subnet: 10.77.0.0/24}, {subnet: "fd77::/64"}]
                        - name: lan
                          ranges: [{subnet: 10.99.0.0/16}, {subnet: "fd99::/64"}]
                        """);
    }

    @AfterEach
    void end() {
        agent.close();
    }

    private TestAgent.Answer add(String container, String more) {
        agent.namespace(container);
        return agent.call("ADD", container, TestAgent.config(more));
    }

    private static String runtime(String sets) {
        return ", \"runtimeConfig\": {\"ipRanges\": " + sets + "}";
    }

    private static String ipam(String keys) {
        return ", \"ipam\": {\"type\": \"weft\", " + keys + "}";
    }

    @Test
    void addressesAreOfTheRangesUntilThoseAreFull() {
        String two =
                runtime(
                        "[[{\"subnet\": \"10.99.7.0/24\", \"rangeStart\": \"10.99.7.20\","
                                + " \"rangeEnd\": \"10.99.7.20\"},"
                                + " {\"subnet\": \"10.99.8.0/30\"}]]");
        assertThat(add("one", two).ips()).containsExactly("10.99.7.20");
        assertThat(add("two", two).ips()).containsExactly("10.99.8.1");
        assertThat(add("three", two).ips()).containsExactly("10.99.8.2");
        TestAgent.Answer full = add("four", two);
        assertThat(full.code()).isEqualTo(103);
        assertThat(full.text()).contains("no address of [10.99.7.20, 10.99.8.1-10.99.8.2] is free");
        assertThat(agent.leases()).hasSize(3);
    }

    @Test
    void ofEachFamilyTheRuntimesRangesCount() {
        String both =
                ipam(
                                "\"ranges\": [[{\"subnet\": \"10.99.1.0/24\"}],"
                                        + " [{\"subnet\": \"fd99::/64\", \"rangeStart\": \"fd99::50\"}]]")
                        + runtime(
                                "[[{\"subnet\": \"10.99.2.0/24\", \"rangeStart\": \"10.99.2.9\"}]]");
        assertThat(add("one", both).ips()).containsExactly("10.99.2.9", "fd99::50");
    }

    @Test
    void theAddressHasTheRangesSubnetAndGateway() {
        String bridged =
                ", \"interface\": \"bridge\", \"bridge\": \"lan0\""
                        + ipam(
                                "\"ranges\": [[{\"subnet\": \"10.99.4.0/24\","
                                        + " \"gateway\": \"10.99.4.1\"}]]");
        TestAgent.Answer answer = add("one", bridged);
        assertThat(String.valueOf(answer.json().get("ips")))
                .contains("address=10.99.4.2/24")
                .contains("gateway=10.99.4.1");
        assertThat(add("two", ipam("\"subnet\": \"10.99.5.0/24\"")).ips())
                .as("host-local's older form")
                .containsExactly("10.99.5.1");
    }

    @Test
    void anAddressAskedForMustBeInThem() {
        String sets = "\"ipRanges\": [[{\"subnet\": \"10.99.2.0/24\"}]]";
        assertThat(
                        add("one", ", \"runtimeConfig\": {" + sets + ", \"ips\": [\"10.99.3.3\"]}")
                                .text())
                .contains("10.99.3.3 is outside of the ranges asked for, [10.99.2.1-10.99.2.254]");
        assertThat(
                        add("one", ", \"runtimeConfig\": {" + sets + ", \"ips\": [\"10.99.2.3\"]}")
                                .ips())
                .containsExactly("10.99.2.3");
    }

    @Test
    void whatNoPoolHasIsRefusedWithWhatTheyHave() {
        TestAgent.Answer outside = add("one", runtime("[[{\"subnet\": \"10.1.0.0/24\"}]]"));
        assertThat(outside.code()).isEqualTo(7);
        assertThat(outside.text())
                .contains(
                        "ranges: no pool has addresses of [10.1.0.0/24]: there are [default with ")
                .contains("lan with [10.99.0.0-10.99.255.255");
        assertThat(
                        add(
                                        "one",
                                        ", \"pool\": \"default\""
                                                + runtime("[[{\"subnet\": \"10.99.1.0/24\"}]]"))
                                .text())
                .contains("pool default has no address of [10.99.1.1-10.99.1.254]");
        assertThat(
                        add(
                                        "one",
                                        runtime(
                                                "[[{\"subnet\": \"10.99.1.0/24\"}],"
                                                        + " [{\"subnet\": \"10.99.2.0/24\"}]]"))
                                .text())
                .contains("runtimeConfig.ipRanges[1]: a second set of IPv4");
        assertThat(
                        add(
                                        "one",
                                        runtime(
                                                "[[{\"subnet\": \"10.99.1.0/24\"},"
                                                        + " {\"subnet\": \"fd99::/64\"}]]"))
                                .text())
                .contains("runtimeConfig.ipRanges[0]: ranges of both families");
        assertThat(agent.leases()).isEmpty();
    }
}
