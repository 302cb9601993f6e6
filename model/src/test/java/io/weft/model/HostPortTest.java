package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Pod.HostPort;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostPortTest {
    private static String pod(String spec) {
        return "{apiVersion: v1, kind: Pod, metadata: {name: web}, spec: {\n" + spec + "}}";
    }

    private static List<String> problems(String spec) {
        return Case.problems(new ManifestReader().offline(), pod(spec));
    }

    @Test
    void ofAllContainers() {
        Pod pod =
                (Pod)
                        new ManifestReader()
                                .offline()
                                .read(
                                        "f.yaml",
                                        pod(
                                                """
                                                containers:
                                                 [{name: a, ports: [
                                                    {containerPort: 80, hostPort: 8080},
                                                    {containerPort: 81, hostPort: 0},
                                                    {containerPort: 82}]},
                                                  {name: b, ports: [
                                                    {containerPort: 53, hostPort: 53,
                                                     protocol: UDP, hostIP: 10.0.0.1}]}]
                                                """))
                                .getFirst();
        assertThat(pod.withIps(List.of()).hostPorts())
                .containsExactly(
                        new HostPort(Optional.empty(), 8080, Protocol.TCP, 80),
                        new HostPort(Optional.of(Ip.parse("10.0.0.1")), 53, Protocol.UDP, 53));
        assertThat(pod.hostPorts())
                .extracting(HostPort::toString)
                .containsExactly("8080/tcp", "10.0.0.1:53/udp");
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThat(
                        problems(
                                "containers: [{name: a, ports: [{containerPort: 80, hostPort:"
                                        + " 70000}]}]"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: spec.containers[0].ports[0].hostPort: Invalid value: 70000:"
                                + " must be between 1 and 65535, inclusive");
        assertThat(
                        problems(
                                "containers: [{name: a, ports: [{containerPort: 80, hostPort: 80,"
                                        + " hostIP: here}]}]"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: spec.containers[0].ports[0].hostIP: Invalid value: \"here\":"
                                + " must be a valid IP address, (e.g. 10.9.8.7 or"
                                + " 2001:db8::ffff)");
        assertThat(
                        problems(
                                "containers: [{name: a, ports: [{containerPort: 80, hostPort: 90,"
                                        + " protocol: SCTP}]}]"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: spec.containers[0].ports[0].hostPort: Invalid value: 90: must"
                                + " match `containerPort` when `protocol` is SCTP, whose checksum"
                                + " covers the ports");
        assertThat(
                        problems(
                                "hostNetwork: true, containers: [{name: a, ports: [{containerPort:"
                                        + " 80, hostPort: 90}]}]"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: spec.containers[0].ports[0].hostPort: Invalid value: 90: must"
                                + " match `containerPort` when `hostNetwork` is true");
        assertThat(
                        problems(
                                "containers: [{name: a, ports: [{containerPort: 80, hostPort: 90}]},"
                                        + " {name: b, ports: [{containerPort: 81, hostPort: 90,"
                                        + " hostIP: 10.0.0.1}]}]"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: spec.containers[1].ports[0].hostPort: Duplicate value: 90:"
                                + " another port of the pod has it");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, -, true",
                "-, 10.0.0.1, true",
                "-, ::, true",
                "10.0.0.1, 10.0.0.1, true",
                "10.0.0.1, 10.0.0.2, false",
                "0.0.0.0, 10.0.0.2, true",
                "0.0.0.0, fd00::1, false",
                "0.0.0.0, ::, false",
                "::, fd00::1, true",
            })
    void collisions(String one, String other, boolean collide) {
        HostPort a = new HostPort(Optional.ofNullable(one).map(Ip::parse), 80, Protocol.TCP, 1);
        HostPort b = new HostPort(Optional.ofNullable(other).map(Ip::parse), 80, Protocol.TCP, 2);

        assertThat(a.collidesWith(b)).isEqualTo(collide);
        assertThat(b.collidesWith(a)).isEqualTo(collide);
        assertThat(a.collidesWith(new HostPort(b.ip(), 80, Protocol.UDP, 2))).isFalse();
        assertThat(a.collidesWith(new HostPort(b.ip(), 81, Protocol.TCP, 2))).isFalse();
    }
}
