package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.kernel.NetNs;
import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@KernelTest
class CniDispatcherTest {
    private NetNs pod;
    private final FakePlugin plugin = new FakePlugin();
    private final List<Throwable> bugs = new ArrayList<>();
    private final CniDispatcher weft = new CniDispatcher(Set.of("weft"), plugin, plugin, bugs::add);

    @BeforeEach
    void make() {
        pod = NetNs.createAnonymous();
    }

    @AfterEach
    void close() {
        pod.close();
    }

    private static Map<String, String> environment(String command) {
        Map<String, String> variables = new LinkedHashMap<>();
        variables.put("CNI_COMMAND", command);
        variables.put("CNI_CONTAINERID", "c1");
        variables.put("CNI_NETNS", "/run/netns/blue");
        variables.put("CNI_IFNAME", "eth0");
        variables.put("CNI_PATH", "/opt/cni/bin:/usr/lib/cni");
        return variables;
    }

    private static String config(String more) {
        return "{'cniVersion':'1.1.0','name':'net1','type':'weft'".replace('\'', '"')
                + more.replace('\'', '"')
                + "}";
    }

    private CniAnswer call(String command, String stdin) {
        return weft.dispatch(
                environment(command), stdin.getBytes(StandardCharsets.UTF_8), Optional.of(pod));
    }

    private static Map<String, Object> json(CniAnswer answer) throws IOException {
        return Json.object(answer.stdout().getBytes(StandardCharsets.UTF_8));
    }

    private static String error(CniAnswer answer) throws IOException {
        assertThat(answer.exitCode()).isEqualTo(1);
        Map<String, Object> json = json(answer);
        return json.get("code")
                + " "
                + json.get("msg")
                + (json.containsKey("details") ? " | " + json.get("details") : "");
    }

    @Test
    void addAnswersInTheVersionOfTheConfig() throws Exception {
        assertThat(call("ADD", config("")).stdout())
                .isEqualTo(
                        """
                        {'cniVersion':'1.1.0',\
                        'interfaces':[{'name':'weft0a1b2c3d','mac':'0a:58:00:00:00:01','mtu':1500},\
                        {'name':'eth0','mac':'0a:58:00:00:00:02','mtu':1500,'sandbox':'/run/netns/blue'}],\
                        'ips':[{'interface':1,'address':'10.1.0.5/24','gateway':'10.1.0.1'},\
                        {'interface':1,'address':'fd00::5/64'}],\
                        'routes':[{'dst':'0.0.0.0/0','gw':'10.1.0.1'}],\
                        'dns':{'nameservers':['10.1.0.1'],'search':['cluster.local']}}\
                        """
                                .replace('\'', '"'));
        for (CniVersion version : CniVersion.values()) {
            CniAnswer answer = call("ADD", config("").replace("1.1.0", version.text()));
            assertThat(answer.exitCode()).isZero();
            assertThat(answer.stdout().contains("\"version\":\"4\""))
                    .isEqualTo(!version.isAtLeast(CniVersion.V1_0_0));
            CniResult read = CniResult.parse(answer.stdout(), CniVersion.LATEST);
            assertThat(read.ips()).isEqualTo(FakePlugin.RESULT.ips());
            if (version == CniVersion.V1_1_0) {
                assertThat(read).isEqualTo(FakePlugin.RESULT);
            }
        }
    }

    @Test
    void versionIsAnsweredWithoutAPlugin() throws Exception {
        assertThat(call("VERSION", "{\"cniVersion\":\"0.4.0\"}").stdout())
                .isEqualTo(
                        """
                        {"cniVersion":"0.4.0","supportedVersions":["0.3.0","0.3.1","0.4.0","1.0.0","1.1.0"]}\
                        """);
        assertThat(call("VERSION", "").stdout()).startsWith("{\"cniVersion\":\"1.1.0\"");
        CniAnswer about = weft.dispatch(Map.of(), new byte[0], Optional.empty());
        assertThat(about.exitCode()).isZero();
        assertThat(about.stdout()).isEmpty();
        assertThat(about.stderr()).contains("0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0");
        assertThat(plugin.asked).isEmpty();
    }

    @Test
    void everyVariableThatIsWrongIsNamed() throws Exception {
        Map<String, String> variables = environment("ADD");
        variables.put("CNI_CONTAINERID", "../x");
        variables.put("CNI_IFNAME", "a/b");
        variables.remove("CNI_NETNS");
        variables.remove("CNI_PATH");
        variables.put("CNI_ARGS", "IgnoreUnknown=1;oops");
        assertThat(
                        error(
                                weft.dispatch(
                                        variables,
                                        config("").getBytes(StandardCharsets.UTF_8),
                                        Optional.of(pod))))
                .isEqualTo(
                        "4 CNI_CONTAINERID: '../x': must be a letter or digit, then letters, digits, '_', '.' and '-';"
                                + " CNI_IFNAME: 'a/b': must be 1 to 15 bytes without '/', ':' and white space, and not '.' or '..';"
                                + " CNI_NETNS: missing: must be the path of a network namespace;"
                                + " CNI_PATH: missing: must list the directories of plugins;"
                                + " CNI_ARGS: 'oops' is not KEY=VALUE");
        assertThat(error(call("FETCH", config(""))))
                .startsWith("4 CNI_COMMAND: 'FETCH': must be one of ADD");
        assertThat(
                        error(
                                weft.dispatch(
                                        environment("ADD"),
                                        config("").getBytes(StandardCharsets.UTF_8),
                                        Optional.empty())))
                .isEqualTo(
                        "4 CNI_NETNS: '/run/netns/blue': must be the path of a network namespace");
    }

    @Test
    void thePluginsOwnNamespaceIsRefused() throws Exception {
        try (NetNs own = NetNs.current()) {
            byte[] stdin = config("").getBytes(StandardCharsets.UTF_8);
            assertThat(error(weft.dispatch(environment("ADD"), stdin, Optional.of(own))))
                    .startsWith("8 CNI_NETNS");
            Map<String, String> override = environment("ADD");
            override.put("CNI_NETNS_OVERRIDE", "1");
            assertThat(weft.dispatch(override, stdin, Optional.of(own)).exitCode()).isZero();
            assertThat(
                            weft.dispatch(
                                            environment("ADD"),
                                            config(",'interface':'host'")
                                                    .getBytes(StandardCharsets.UTF_8),
                                            Optional.of(own))
                                    .exitCode())
                    .isZero();
        }
    }

    @Test
    void versionsAndVerbsThatDoNotGoTogetherAreCode1() throws Exception {
        assertThat(error(call("ADD", config("").replace("1.1.0", "0.2.0"))))
                .isEqualTo(
                        "1 cniVersion: '0.2.0': must be one of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0");
        assertThat(error(call("ADD", "{\"name\":\"n\",\"type\":\"weft\"}")))
                .startsWith("1 cniVersion: missing, which means '0.1.0'");
        assertThat(error(call("CHECK", config("").replace("1.1.0", "0.3.1"))))
                .isEqualTo("1 cniVersion: '0.3.1': CHECK needs a config of 0.4.0 or later");
        for (String verb : List.of("GC", "STATUS")) {
            assertThat(error(call(verb, config("").replace("1.1.0", "1.0.0"))))
                    .isEqualTo(
                            "1 cniVersion: '1.0.0': " + verb + " needs a config of 1.1.0 or later");
        }
        assertThat(plugin.asked).isEmpty();
    }

    @Test
    void badJsonIsCode6() throws Exception {
        for (String stdin : List.of("{", "[]", "", "null", "{\"a\":1}{}", "\u0000")) {
            assertThat(error(call("ADD", stdin)))
                    .startsWith("6 stdin: not the JSON object of a network config");
        }
        assertThat(error(call("ADD", "{\"a\":\"" + "x".repeat(CniDispatcher.MAX_STDIN) + "\"}")))
                .startsWith("6 stdin: a config of more than 1048576 bytes");
    }

    @Test
    void everyKeyThatIsWrongIsNamedWithWhatWouldBeRight() throws Exception {
        String bad =
                config(
                        ",'interface':'macvlan','mtu':'big','ipMasq':1,'labels':{'app':7},"
                                + "'ipam':{'type':'weft','addresses':['10.0.0']},"
                                + "'runtimeConfig':{'portMappings':[{'hostPort':70000,'containerPort':80,'protocol':'icmp'},{'hostPort':1}],"
                                + "'mac':'x','ips':'10.0.0.1','ipRanges':[[{'subnet':'10.0.0.0/24','rangeStart':'10.1.0.1'}]],'bandwidth':{'ingressRate':-1}}");
        assertThat(error(call("ADD", bad)).split("[|;] "))
                .containsExactlyInAnyOrder(
                        "7 config of network 'net1': 12 problems, first ipam.addresses[0]: '10.0.0': must be an address like 10.0.0.5/24 ",
                        "ipam.addresses[0]: '10.0.0': must be an address like 10.0.0.5/24",
                        "master: missing: interface macvlan needs the name of the host's interface",
                        "mtu: 'big': must be a whole number from 68 to 65535",
                        "ipMasq: 1: must be true or false",
                        "labels.app: 7: must be text",
                        "runtimeConfig.portMappings[0].hostPort: 70000: must be a whole number from 0 to 65535",
                        "runtimeConfig.portMappings[0].protocol: 'icmp': must be tcp, udp or sctp",
                        "runtimeConfig.portMappings[1].containerPort: missing: must be a port from 1 to 65535",
                        "runtimeConfig.ipRanges[0][0].rangeStart: 10.1.0.1: must be in 10.0.0.0/24",
                        "runtimeConfig.ips: '10.0.0.1': must be a list, each an address like 10.0.0.5/24",
                        "runtimeConfig.mac: 'x': must be like 0a:58:0a:00:00:01",
                        "runtimeConfig.bandwidth.ingressRate: -1: must be a whole number from 0 to 1125899906842624");
        assertThat(plugin.asked).isEmpty();
        assertThat(error(call("ADD", config("").replace("net1", "a/b"))))
                .startsWith("7 config of network 'a/b': name: 'a/b': must be");
    }

    @Test
    void delTakesWhatItCanUse() {
        assertThat(call("DEL", "").exitCode()).isZero();
        assertThat(call("DEL", config(",'mtu':'big','prevResult':{'ips':7}")).exitCode()).isZero();
        Map<String, String> variables = environment("DEL");
        variables.put("CNI_NETNS", "");
        variables.remove("CNI_PATH");
        assertThat(
                        weft.dispatch(
                                        variables,
                                        config("").getBytes(StandardCharsets.UTF_8),
                                        Optional.empty())
                                .exitCode())
                .isZero();
        assertThat(plugin.asked)
                .extracting(a -> a.request().config().name())
                .containsExactly("", "net1", "net1");
        assertThat(plugin.asked)
                .allMatch(a -> a.request().attachment().equals(new AttachmentId("c1", "eth0")));
    }

    @Test
    void othersCallItForAddresses() throws Exception {
        String bridge =
                config(",'mode':7,'mtu':'as it likes','ipam':{'type':'weft','pool':'blue'}")
                        .replace("\"type\":\"weft\",\"mode", "\"type\":\"bridge\",\"mode");
        Map<String, Object> result = json(call("ADD", bridge));
        assertThat(result).doesNotContainKey("interfaces").containsKeys("ips", "routes");
        for (String verb : List.of("CHECK", "DEL", "GC", "STATUS")) {
            assertThat(call(verb, bridge).stdout()).isEmpty();
        }
        assertThat(plugin.asked)
                .extracting(FakePlugin.Asked::what)
                .containsExactly("ipamAdd", "ipamCheck", "ipamDelete", "ipamGc", "ipamStatus");
        assertThat(plugin.asked.getFirst().request().pool()).contains("blue");
    }

    @Test
    void gcHandsOverTheValidOnes() {
        call(
                "GC",
                config(
                        ",'cni.dev/valid-attachments':[{'containerID':'a','ifname':'eth0'}],'cni.dev/attachments':[]"));
        call("GC", config(",'cni.dev/attachments':[{'containerID':'b','ifname':'eth1'}]"));
        call("GC", config(""));
        assertThat(plugin.asked)
                .extracting(FakePlugin.Asked::valid)
                .containsExactly(
                        List.of(new AttachmentId("a", "eth0")),
                        List.of(new AttachmentId("b", "eth1")),
                        List.of());
    }

    @Test
    void failuresOfThePluginKeepTheirCodeAndBugsAre999() throws Exception {
        plugin.then =
                _ -> {
                    throw new CniException(
                            CniCode.NO_ADDRESS,
                            "pool 'blue' is exhausted: 254 of 254",
                            "free some");
                };
        assertThat(error(call("ADD", config(""))))
                .isEqualTo("103 pool 'blue' is exhausted: 254 of 254 | free some");
        plugin.then =
                _ -> {
                    throw new StackOverflowError();
                };
        assertThat(error(call("ADD", config("")))).startsWith("999 this is a bug of Weft");
        assertThat(bugs).hasSize(1);
    }

    @Test
    void whatARuntimeAsksForIsRead() {
        Map<String, String> variables = environment("ADD");
        variables.put(
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web-0;K8S_POD_INFRA_CONTAINER_ID=c1;K8S_POD_UID=u;IP=10.0.0.9");
        variables.put("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        String stdin =
                config(
                        ",'labels':{'app':'x','tier':'t'},'args':{'cni':{'labels':[{'key':'app','value':'web'}],'ips':['10.0.0.8']}},"
                                + "'runtimeConfig':{'portMappings':[{'hostPort':8080,'containerPort':80,'protocol':'TCP'},{'hostPort':0,'containerPort':1}],"
                                + "'aliases':{'net1':['db']},'dns':{'servers':['1.1.1.1']},'mac':'0a:58:0a:00:00:07','unknown':[null]},"
                                + "'prevResult':{'cniVersion':'0.4.0','ips':[{'version':'4','address':'10.0.0.2/24'}],'dns':{}},'mtu':null");
        assertThat(
                        weft.dispatch(
                                        variables,
                                        stdin.getBytes(StandardCharsets.UTF_8),
                                        Optional.of(pod))
                                .exitCode())
                .isZero();
        CniRequest request = plugin.asked.getFirst().request();
        assertThat(request.labels()).hasToString("app=web,tier=t");
        assertThat(request.namespace()).isEqualTo("shop");
        assertThat(request.environment().args().podUid()).contains("u");
        assertThat(request.environment().traceParent()).isPresent();
        assertThat(request.requestedIps()).hasToString("[10.0.0.8/32]");
        assertThat(request.requestedMac()).hasToString("Optional[0a:58:0a:00:00:07]");
        assertThat(request.config().runtime().portMappings())
                .containsExactly(
                        new RuntimeConfig.PortMapping(
                                8080, 80, RuntimeConfig.Transport.TCP, Optional.empty()));
        assertThat(request.config().runtime().aliases()).containsExactly("db");
        assertThat(request.config().prevResult().orElseThrow().ips().getFirst().address())
                .hasToString("10.0.0.2/24");
    }
}
