package io.weft.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.weft.model.Snapshot;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** BIND's client reads what we write. */
class DigTest {
    private static final ClusterZone ZONE =
            ClusterZone.of(
                    ZoneSettings.DEFAULT,
                    Snapshot.of(
                            List.of(
                                    Objects.service(
                                            "shop",
                                            "web",
                                            Objects.ips("10.96.0.1", "fd00:96::1"),
                                            Objects.port("http", 80)))));

    private static String dig(TestServer server, String... more)
            throws IOException, InterruptedException {
        assumeTrue(
                Arrays.stream(System.getenv("PATH").split(File.pathSeparator, -1))
                        .anyMatch(d -> Files.isExecutable(Path.of(d, "dig"))),
                "dig is not installed here (Debian: apt-get install bind9-dnsutils)");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "dig",
                                "@127.0.0.1",
                                "-p",
                                Integer.toString(server.address().getPort()),
                                "+time=20",
                                "+tries=1"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    @Test
    void digReadsEveryKindOfAnswer() throws Exception {
        try (TestServer server = new TestServer(ZONE)) {
            String name = "web.shop.svc.cluster.local";
            assertThat(dig(server, "+short", name)).isEqualTo("10.96.0.1\n");
            assertThat(dig(server, "+short", "+tcp", name, "AAAA")).isEqualTo("fd00:96::1\n");
            assertThat(dig(server, "+short", "-x", "10.96.0.1")).isEqualTo(name + ".\n");
            assertThat(dig(server, "+short", "-x", "fd00:96::1")).isEqualTo(name + ".\n");
            assertThat(dig(server, "+short", "_http._tcp." + name, "SRV"))
                    .isEqualTo("0 100 80 " + name + ".\n");
            assertThat(dig(server, "nope." + name))
                    .contains("status: NXDOMAIN")
                    .contains("cluster.local.\t\t5\tIN\tSOA\tns.dns.cluster.local.")
                    .contains("EDNS: version: 0, flags:; udp: 1232")
                    .doesNotContain("WARNING: Message parser reports malformed");
            assertThat(dig(server, "+short", "dns-version.cluster.local", "TXT"))
                    .isEqualTo("\"1.1.0\"\n");
            assertThat(dig(server, "+edns=1", "+noednsnegotiation", name))
                    .contains("status: BADVERS");
            assertThat(dig(server, "+noedns", name))
                    .contains("ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 0");
            assertThat(dig(server, "example.com"))
                    .contains("status: REFUSED")
                    .contains("EDE: 20 (Not Authoritative): (the name is not of this cluster");
        }
    }
}
