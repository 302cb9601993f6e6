package io.weft.dns;

import static io.weft.dns.Objects.endpoint;
import static io.weft.dns.Objects.externalName;
import static io.weft.dns.Objects.headless;
import static io.weft.dns.Objects.ips;
import static io.weft.dns.Objects.named;
import static io.weft.dns.Objects.namespace;
import static io.weft.dns.Objects.pod;
import static io.weft.dns.Objects.port;
import static io.weft.dns.Objects.publishingNotReady;
import static io.weft.dns.Objects.service;
import static io.weft.dns.Objects.slice;
import static io.weft.dns.Objects.terminating;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Protocol;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.SOARecord;
import org.xbill.DNS.Section;

/** Section by section of the Kubernetes DNS specification 1.1.0. */
class ClusterZoneTest {
    private static final ZoneSettings SETTINGS =
            new ZoneSettings("cluster.local", 5, 7, ips("10.96.0.10"));

    private static ClusterZone zone(Resource... resources) {
        return ClusterZone.of(SETTINGS, Snapshot.of(List.of(resources)));
    }

    private static final ClusterZone SHOP =
            zone(
                    namespace("shop"),
                    namespace("empty"),
                    service(
                            "shop",
                            "web",
                            ips("10.96.0.1", "fd00:96::1"),
                            port("http", 80),
                            port("", 81),
                            new Service.Port("dns", Protocol.UDP, 53, "53")),
                    headless(
                            "shop",
                            "db",
                            new Service.Port("sql", Protocol.TCP, 5432, "web"),
                            new Service.Port("gone", Protocol.TCP, 1, "no-such-port")),
                    named(pod("shop", "db-0", "db", "10.1.0.10", "fd00::10"), "db-0", "db"),
                    pod("shop", "db-1", "db", "10.1.0.11"),
                    pod("shop", "db-2", "db", "10.1.0.12").withReady(false),
                    terminating(pod("shop", "db-3", "db", "10.1.0.13")),
                    headless("shop", "idle"),
                    publishingNotReady(headless("shop", "early")),
                    pod("shop", "early-0", "early", "10.1.0.20").withReady(false),
                    service("shop", "unborn", List.of()),
                    externalName("shop", "mail", "mx.example.com"),
                    pod("undeclared", "x", "x", "10.1.0.30"));

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            textBlock =
                    """
                    # 2.2 schema version
                    dns-version.cluster.local                  ; TXT  ; 1.1.0
                    # 2.3 a service with cluster IPs
                    web.shop.svc.cluster.local                 ; A    ; 10.96.0.1
                    web.shop.svc.cluster.local                 ; AAAA ; fd00:96:0:0:0:0:0:1
                    WEB.Shop.SVC.cluster.LOCAL                 ; A    ; 10.96.0.1
                    web.shop.svc.cluster.local                 ; TXT  ; NODATA
                    _http._tcp.web.shop.svc.cluster.local      ; SRV  ; 0 100 80 web.shop.svc.cluster.local.
                    _dns._udp.web.shop.svc.cluster.local       ; SRV  ; 0 100 53 web.shop.svc.cluster.local.
                    _http._udp.web.shop.svc.cluster.local      ; SRV  ; NXDOMAIN
                    1.0.96.10.in-addr.arpa                     ; PTR  ; web.shop.svc.cluster.local.
                    1.0.96.10.in-addr.arpa                     ; A    ; NODATA
                    unborn.shop.svc.cluster.local              ; A    ; NODATA
                    # 2.4 a headless service
                    db.shop.svc.cluster.local                  ; A    ; 10.1.0.10 | 10.1.0.11
                    db.shop.svc.cluster.local                  ; AAAA ; fd00:0:0:0:0:0:0:10
                    db-0.db.shop.svc.cluster.local             ; A    ; 10.1.0.10
                    db-0.db.shop.svc.cluster.local             ; AAAA ; fd00:0:0:0:0:0:0:10
                    10-1-0-11.db.shop.svc.cluster.local        ; A    ; 10.1.0.11
                    db-1.db.shop.svc.cluster.local             ; A    ; NXDOMAIN
                    10-1-0-12.db.shop.svc.cluster.local        ; A    ; NXDOMAIN
                    _sql._tcp.db.shop.svc.cluster.local        ; SRV  ; 0 33 8080 10-1-0-11.db.shop.svc.cluster.local. | 0 33 8080 db-0.db.shop.svc.cluster.local.
                    _gone._tcp.db.shop.svc.cluster.local       ; SRV  ; NXDOMAIN
                    10.0.1.10.in-addr.arpa                     ; PTR  ; db-0.db.shop.svc.cluster.local.
                    idle.shop.svc.cluster.local                ; A    ; NXDOMAIN
                    early.shop.svc.cluster.local               ; A    ; 10.1.0.20
                    # 2.5 an external name
                    mail.shop.svc.cluster.local                ; CNAME; mx.example.com.
                    # 2.6 pods
                    10-1-0-11.shop.pod.cluster.local           ; A    ; 10.1.0.11
                    10-1-0-11.shop.pod.cluster.local           ; AAAA ; NODATA
                    fd00--10.shop.pod.cluster.local            ; AAAA ; fd00:0:0:0:0:0:0:10
                    10-1-0-11.empty.pod.cluster.local          ; A    ; NXDOMAIN
                    10-9-9-9.shop.pod.cluster.local            ; A    ; NXDOMAIN
                    10-1-0-30.undeclared.pod.cluster.local     ; A    ; 10.1.0.30
                    # what stands between names exists, and has no records
                    cluster.local                              ; A    ; NODATA
                    cluster.local                              ; NS   ; ns.dns.cluster.local.
                    ns.dns.cluster.local                       ; A    ; 10.96.0.10
                    dns.cluster.local                          ; A    ; NODATA
                    svc.cluster.local                          ; A    ; NODATA
                    pod.cluster.local                          ; A    ; NODATA
                    shop.svc.cluster.local                     ; A    ; NODATA
                    empty.svc.cluster.local                    ; A    ; NODATA
                    empty.pod.cluster.local                    ; A    ; NODATA
                    undeclared.pod.cluster.local               ; A    ; NODATA
                    _tcp.web.shop.svc.cluster.local            ; A    ; NODATA
                    # and what is nowhere does not
                    undeclared.svc.cluster.local               ; A    ; NXDOMAIN
                    nope.shop.svc.cluster.local                ; A    ; NXDOMAIN
                    nope.web.shop.svc.cluster.local            ; A    ; NXDOMAIN
                    nope.cluster.local                         ; A    ; NXDOMAIN
                    # somebody else's
                    example.com                                ; A    ; REFUSED
                    xcluster.local                             ; A    ; REFUSED
                    9.9.9.9.in-addr.arpa                       ; PTR  ; REFUSED
                    """)
    void answersAsTheSpecificationAsks(String name, String type, String expected) {
        assertThat(Client.answer(SHOP, name, type)).isEqualTo(expected);
    }

    @Test
    void repeatsTheQuestionAsItWasAsked() {
        Message answer = Client.ask(SHOP, "wEb.sHoP.SVC.cluster.local", "A");

        assertThat(answer.getQuestion().getName()).hasToString("wEb.sHoP.SVC.cluster.local.");
        assertThat(answer.getHeader().getFlag(Flags.AA)).isTrue();
        assertThat(answer.getSection(Section.ANSWER).getFirst().getTTL()).isEqualTo(5);
    }

    @Test
    void saysHowLongANegativeAnswerHolds() {
        for (String name : List.of("nope.shop.svc.cluster.local", "shop.svc.cluster.local")) {
            SOARecord soa =
                    (SOARecord)
                            Client.ask(SHOP, name, "A").getSection(Section.AUTHORITY).getFirst();
            assertThat(soa.getName()).hasToString("cluster.local.");
            assertThat(soa.getTTL()).isEqualTo(7);
            assertThat(soa.getMinimum()).isEqualTo(7);
        }
    }

    @Test
    void givesEveryAddressItsTurn() {
        Responder responder = new Responder(new Counters(), Forwarder.none());
        byte[] question = Client.question("db.shop.svc.cluster.local", "A").toWire();
        Set<Integer> firsts = new HashSet<>();
        for (int i = 0; i < 2; i++) {
            byte[] out = new byte[512];
            int length = responder.respond(SHOP, question, question.length, out, 512, false);
            firsts.add(Wire.i32(out, length - 20)); // of two records with 16 bytes
        }
        assertThat(firsts).hasSize(2);
    }

    @Test
    void slicesGoBeforeWhatTheSelectorFinds() {
        ClusterZone zone =
                zone(
                        headless("shop", "db", port("web", 80)),
                        pod("shop", "db-0", "db", "10.1.0.10"),
                        slice(
                                "shop",
                                "db-x",
                                "db",
                                endpoint("10.9.0.1", true, "one"),
                                endpoint("10.9.0.2", false, "two")));

        assertThat(Client.answer(zone, "db.shop.svc.cluster.local", "A")).isEqualTo("10.9.0.1");
        assertThat(Client.answer(zone, "one.db.shop.svc.cluster.local", "A")).isEqualTo("10.9.0.1");
        assertThat(Client.answer(zone, "_web._tcp.db.shop.svc.cluster.local", "SRV"))
                .isEqualTo("0 100 8080 one.db.shop.svc.cluster.local.");
    }

    @Test
    void anyGetsTheLeastThereIs() {
        assertThat(Client.answer(SHOP, "web.shop.svc.cluster.local", "ANY"))
                .isEqualTo("\"RFC8482\" \"\"");
        assertThat(Client.answer(SHOP, "nope.cluster.local", "ANY")).isEqualTo("NXDOMAIN");
    }

    @Test
    void refusesADomainThatLeavesNoRoom() {
        assertThatThrownBy(() -> new ZoneSettings("a".repeat(58), 5, 5, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("57");
        assertThatThrownBy(() -> new ZoneSettings("cluster.local", -1, 5, List.of()))
                .hasMessageContaining("-1");
    }
}
