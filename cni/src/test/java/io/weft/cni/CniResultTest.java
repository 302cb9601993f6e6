package io.weft.cni;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.cni.CniResult.Interface;
import io.weft.cni.CniResult.Route;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class CniResultTest {
    private static String json(String text) {
        return text.replace('\'', '"');
    }

    @Test
    void whatAVersionHasNoKeyForIsLeftOut() {
        CniResult result =
                new CniResult(
                        List.of(
                                new Interface(
                                        "net1",
                                        "",
                                        OptionalInt.of(9000),
                                        "/run/netns/x",
                                        "/run/vhost.sock",
                                        "0000:00:1f.6")),
                        List.of(),
                        List.of(
                                new Route(
                                        IpNet.tryParse("10.0.0.1/8").orElseThrow(),
                                        Optional.empty(),
                                        OptionalInt.of(1400),
                                        OptionalInt.of(1360),
                                        OptionalInt.of(5),
                                        OptionalInt.of(100),
                                        OptionalInt.of(253))),
                        CniResult.Dns.EMPTY);
        assertThat(result.toJson(CniVersion.V1_1_0))
                .isEqualTo(
                        json(
                                "{'cniVersion':'1.1.0','interfaces':[{'name':'net1','mtu':9000,'sandbox':'/run/netns/x',"
                                        + "'socketPath':'/run/vhost.sock','pciID':'0000:00:1f.6'}],"
                                        + "'routes':[{'dst':'10.0.0.1/8','mtu':1400,'advmss':1360,'priority':5,'table':100,"
                                        + "'scope':253}],'dns':{}}"));
        assertThat(CniResult.parse(result.toJson(CniVersion.V1_1_0), CniVersion.V0_3_0))
                .isEqualTo(result);
        assertThat(result.toJson(CniVersion.V1_0_0))
                .isEqualTo(
                        json(
                                "{'cniVersion':'1.0.0','interfaces':[{'name':'net1','sandbox':'/run/netns/x'}],"
                                        + "'routes':[{'dst':'10.0.0.1/8'}],'dns':{}}"));
    }

    /** Shapes as the reference plugins print them. */
    @Test
    void everyVersionIsRead() {
        String old =
                json(
                        "{'cniVersion':'0.3.1','interfaces':[{'name':'eth0','mac':'x','sandbox':'/n'}],"
                                + "'ips':[{'version':'4','interface':0,'address':'10.1.0.5/16','gateway':'10.1.0.1'}],"
                                + "'routes':[{'dst':'0.0.0.0/0'}],'dns':{'nameservers':['10.1.0.1']}}");
        for (CniVersion version : CniVersion.values()) {
            CniResult read = CniResult.parse(old.replace("0.3.1", version.text()), version);
            assertThat(CniResult.parse(read.toJson(version), version)).isEqualTo(read);
            assertThat(read.ips().getFirst().address()).hasToString("10.1.0.5/16");
            assertThat(read.dns().nameservers()).containsExactly("10.1.0.1");
        }
        assertThat(CniResult.parse("{}", CniVersion.V0_4_0)).isEqualTo(CniResult.EMPTY);
    }

    @Test
    void everythingThatIsWrongIsNamed() {
        assertThatThrownBy(() ->
                        CniResult.parse(
                                json(
                                        "{'ips':[{'address':'10.0.0.5'},{'address':'10.0.0.6/24','interface':3}],"
                                                + "'interfaces':[{'name':1}],'routes':[{'gw':'x'}],'dns':[]}"),
                                CniVersion.LATEST))
                .hasMessage(
                        "CNI error 7: result: interfaces[0].name: 1: must be text;"
                                + " ips[0].address: '10.0.0.5': must be an address and length like 10.0.0.5/24;"
                                + " ips[1].interface: 3: must be an index into the 1 interfaces;"
                                + " routes[0].dst: missing: must be a network like 10.0.0.0/24;"
                                + " routes[0].gw: 'x': must be an address;"
                                + " dns: []: must be an object");
        assertThatThrownBy(() -> CniResult.parse("{\"cniVersion\":\"0.2.0\"}", CniVersion.LATEST))
                .hasMessageContaining("cniVersion: '0.2.0': must be one of 0.3.0");
        assertThatThrownBy(() -> CniResult.parse("[]", CniVersion.LATEST))
                .hasMessageStartingWith("CNI error 6: result: not a JSON object");
    }
}
