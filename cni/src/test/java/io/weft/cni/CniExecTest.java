package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CniExecTest {
    @TempDir Path directory;

    private final CniExec exec = new CniExec(Duration.ofSeconds(20));

    private void plugin(String script) throws Exception {
        Path file = directory.resolve("other");
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private CniEnvironment environment() {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("CNI_COMMAND", "ADD");
        variables.put("CNI_CONTAINERID", "c1");
        variables.put("CNI_NETNS", "/run/netns/x");
        variables.put("CNI_IFNAME", "eth0");
        variables.put("CNI_PATH", "/nowhere:" + directory);
        variables.put("CNI_ARGS", "K8S_POD_NAME=web;X=1");
        return CniEnvironment.read(variables);
    }

    private static byte[] stdin(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void callsWithTheSameEnvironmentAndConfigAndReadsTheResult() throws Exception {
        plugin(
                "env > "
                        + directory
                        + "/env; cat > "
                        + directory
                        + "/stdin\n"
                        + "echo '{\"cniVersion\":\"0.4.0\",\"ips\":[{\"version\":\"4\",\"address\":\"10.0.0.5/24\"}]}'");
        CniResult result =
                exec.add("other", environment(), stdin("{'name':'n'}"), CniVersion.V0_4_0);
        assertThat(result.ips().getFirst().address()).hasToString("10.0.0.5/24");
        assertThat(directory.resolve("stdin")).hasContent("{\"name\":\"n\"}");
        assertThat(Files.readAllLines(directory.resolve("env")))
                .contains(
                        "CNI_COMMAND=ADD",
                        "CNI_CONTAINERID=c1",
                        "CNI_NETNS=/run/netns/x",
                        "CNI_IFNAME=eth0",
                        "CNI_ARGS=K8S_POD_NAME=web;X=1",
                        "CNI_PATH=/nowhere:" + directory)
                .noneMatch(v -> v.startsWith("HOME="));
        exec.call(CniCommand.DEL, "other", environment(), stdin("{}"));
        assertThat(Files.readAllLines(directory.resolve("env"))).contains("CNI_COMMAND=DEL");
    }

    @Test
    void anErrorKeepsItsCodeAndWords() throws Exception {
        plugin("echo '{\"code\":11,\"msg\":\"busy\",\"details\":\"more\"}'; exit 1");
        assertThatThrownBy(() -> exec.call(CniCommand.DEL, "other", environment(), stdin("{}")))
                .isInstanceOfSatisfying(
                        CniException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(11);
                            assertThat(e.text()).isEqualTo("plugin 'other': busy");
                            assertThat(e.details()).isEqualTo("more");
                        });
        plugin("echo not json; echo the reason >&2; exit 3");
        assertThatThrownBy(() -> exec.call(CniCommand.DEL, "other", environment(), stdin("{}")))
                .hasMessage(
                        "CNI error 5: plugin 'other' ended with exit code 3 and without an error on stdout; the reason");
        plugin("echo '{\"ips\":[{\"address\":\"nonsense\"}]}'");
        assertThatThrownBy(() -> exec.add("other", environment(), stdin("{}"), CniVersion.LATEST))
                .hasMessage(
                        "CNI error 5: plugin 'other': result: ips[0].address: 'nonsense': must be an address and length like 10.0.0.5/24");
    }

    @Test
    void aPluginThatHangsIsKilled() throws Exception {
        plugin("sleep 1000");
        assertThatThrownBy(() ->
                        new CniExec(Duration.ofMillis(200))
                                .call(CniCommand.DEL, "other", environment(), stdin("{}")))
                .hasMessageStartingWith(
                        "CNI error 11: plugin 'other': "
                                + directory
                                + "/other did not end within PT0.2S");
        assertThat(
                        ProcessHandle.current()
                                .descendants()
                                .flatMap(p -> p.info().arguments().stream()))
                .noneMatch(arguments -> List.of(arguments).contains("1000"));
    }

    @Test
    void onlyNamesInThePathAreCalled() {
        for (String type : List.of("/bin/true", "../other", "", ".", "..")) {
            assertThatThrownBy(() -> CniExec.find(type, List.of("/bin")))
                    .hasMessageStartingWith(
                            "CNI error 7: plugin '" + type + "': must be a plugin's name");
        }
        assertThatThrownBy(() -> CniExec.find("absent", List.of("/a", "/b")))
                .hasMessage("CNI error 7: plugin 'absent': not in CNI_PATH: /a:/b");
    }

    @Test
    void delegatesGetWhatARuntimeWouldAdd() {
        NetworkConfig config =
                NetworkConfig.read(
                        stdin(
                                "{'cniVersion':'1.0.0','name':'n','type':'weft','delegate':{'type':'ptp','mtu':9000},"
                                        + "'runtimeConfig':{'mac':'0a:58:0a:00:00:07'},'ipam':{'type':'host-local','x':1}}"),
                        "weft"::equals,
                        CniCommand.ADD);
        assertThat(new String(config.forDelegate(), StandardCharsets.UTF_8))
                .isEqualTo(
                        "{'type':'ptp','mtu':9000,'name':'n','cniVersion':'1.0.0','runtimeConfig':{'mac':'0a:58:0a:00:00:07'}}"
                                .replace('\'', '"'));
        assertThat(
                        new String(
                                config.withPrevResult(config.forDelegate(), CniResult.EMPTY),
                                StandardCharsets.UTF_8))
                .contains("\"prevResult\":{\"cniVersion\":\"1.0.0\",\"dns\":{}}");
        assertThat(new String(config.forIpam(), StandardCharsets.UTF_8))
                .contains("\"ipam\":{\"type\":\"host-local\",\"x\":1}");
    }
}
