package io.weft.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Java says about the ABI is what {@code weft_abi.h} says. */
class AbiTest {
    @SuppressWarnings("NullAway.Init") // BeforeAll
    private static AbiHeader header;

    @BeforeAll
    static void readHeader() throws Exception {
        header = AbiHeader.ofThisTree("weft_abi.h");
    }

    @Test
    void everyDefineOfTheHeaderHasTheSameNumberInJava() {
        Map<String, Long> java = new HashMap<>();
        java.put("MAX_WORKLOADS", (long) Abi.MAX_WORKLOADS);
        java.put("MAX_IDENTITY_PREFIXES", (long) Abi.MAX_IDENTITY_PREFIXES);
        java.put("MAX_POLICY_ENTRIES", (long) Abi.MAX_POLICY_ENTRIES);
        java.put("MAX_CONNECTIONS", (long) Abi.MAX_CONNECTIONS);
        java.put("MAX_FRAGMENTS", (long) Abi.MAX_FRAGMENTS);
        java.put("MAX_DROP_COUNTERS", (long) Abi.MAX_DROP_COUNTERS);
        java.put("EVENT_BYTES", (long) Abi.EVENT_BYTES);
        java.put("ID_ANY", (long) Identities.ANY);
        java.put("ID_HOST", (long) Identities.HOST);
        java.put("ID_WORLD", (long) Identities.WORLD);
        java.put("RULE_NONE", (long) Rules.NONE);
        java.put("RULE_NOT_ISOLATED", (long) Rules.NOT_ISOLATED);
        java.put("RULE_NODE", (long) Rules.NODE);
        java.put("RULE_NOT_LOADED", (long) Rules.NOT_LOADED);
        java.put("RULE_FIRST", (long) Rules.FIRST);
        java.put("GROUP_OPEN", (long) Group.OPEN);
        java.put("ACTION_NONE", (long) Abi.ACTION_NONE);
        java.put("ACTION_ALLOW", (long) Abi.ACTION_ALLOW);
        java.put("ACTION_DENY", (long) Abi.ACTION_DENY);
        java.put("CONN_FROM_B", (long) ConnectionValue.FROM_B);
        java.put("CONN_DENIED", (long) ConnectionValue.DENIED);
        java.put("CONN_CLOSED", (long) ConnectionValue.CLOSED);
        java.put("CONN_REPLIED", (long) ConnectionValue.REPLIED);
        java.put("CONN_FIN_OPENER", (long) ConnectionValue.FIN_OPENER);
        java.put("CONN_FIN_RESPONDER", (long) ConnectionValue.FIN_RESPONDER);
        java.put("CONN_DENIED_INGRESS", (long) ConnectionValue.DENIED_INGRESS);
        java.put("CONN_AUDIT", (long) ConnectionValue.AUDIT);
        java.put("CONN_TRANSLATED", (long) ConnectionValue.TRANSLATED);
        java.put("ADDRESS_SHAPED", (long) AddressValue.SHAPED);
        java.put("WORKLOAD_MASQUERADE", (long) WorkloadValue.MASQUERADE);
        java.put("WORKLOAD_SWITCHED", (long) WorkloadValue.SWITCHED);
        java.put("SIDE_AUDIT", (long) EndpointValue.Side.AUDIT);
        java.put("NODE_SLOT", (long) Abi.NODE_SLOT);
        java.put("NO_SLOT", Integer.toUnsignedLong(Abi.NO_SLOT));
        java.put("FROM_WORKLOAD", (long) Abi.FROM_WORKLOAD);
        java.put("TO_WORKLOAD", (long) Abi.TO_WORKLOAD);
        java.put("COUNT_EVENTS_LOST", (long) Abi.COUNT_EVENTS_LOST);
        java.put("COUNT_CONNECTIONS_OPENED", (long) Abi.COUNT_CONNECTIONS_OPENED);
        java.put("COUNT_AUDITED", (long) Abi.COUNT_AUDITED);
        java.put("COUNTERS", (long) Abi.COUNTERS);
        for (EventType type : EventType.values()) {
            java.put("EVENT_" + type, (long) type.code());
        }

        assertThat(header.defines()).containsExactlyInAnyOrderEntriesOf(java);
    }

    @Test
    void everyReasonOfTheHeaderIsAReasonHere() {
        Map<String, Long> java = new HashMap<>();
        for (Reason reason : Reason.values()) {
            String prefix = reason == Reason.FORWARDED ? "" : "DROP_";
            java.put(prefix + reason.name(), (long) reason.code());
        }

        assertThat(header.constants("weft_reason")).containsExactlyInAnyOrderEntriesOf(java);
    }

    @Test
    void everyStructOfTheHeaderIsLaidOutAsHere() {
        assertThat(Abi.LAYOUTS).containsExactlyInAnyOrderElementsOf(header.structs());
    }

    @Test
    void structsReadFromCFollowTheAlignmentRules() {
        AbiHeader c =
                new AbiHeader(
                        """
                        struct inner { __u16 a; __u8 b[2]; };
                        struct outer { __u32 x; struct inner y[2]; __be16 z[2]; };
                        """);

        assertThat(c.structs())
                .containsExactly(
                        Layout.of("inner", 4, Layout.member("a", 0, 2), Layout.member("b", 2, 2)),
                        Layout.of(
                                "outer",
                                16,
                                Layout.member("x", 0, 4),
                                Layout.member("y", 4, 8),
                                Layout.member("z", 12, 4)));
    }

    @Test
    void aLayoutWithAHoleIsNone() {
        assertThatThrownBy(
                        () -> Layout.of("s", 8, Layout.member("a", 0, 2), Layout.member("b", 4, 4)))
                .hasMessage("s.b at 4, not 2");
        assertThatThrownBy(() -> Layout.of("s", 8, Layout.member("a", 0, 4)))
                .hasMessage("s ends at 4, not 8");
    }

    @Test
    void codesFindTheirReasonAndEventType() {
        for (Reason reason : Reason.values()) {
            assertThat(Reason.ofCode(reason.code())).isEqualTo(reason);
            assertThat(Reason.tryParse(reason.toString())).contains(reason);
            assertThat(reason.toString()).matches("[a-z]+(-[a-z]+)*");
            assertThat(reason.advice()).endsWith(".");
        }
        for (EventType type : EventType.values()) {
            assertThat(EventType.ofCode(type.code())).isEqualTo(type);
        }
        assertThat(Reason.tryParse("bad-luck")).isEmpty();
        for (int code : List.of(0, 7, 255)) {
            assertThatThrownBy(() -> EventType.ofCode(code))
                    .hasMessageContaining("event type " + code)
                    .hasMessageContaining("newer");
        }
        int beyond = Reason.values().length;
        assertThatThrownBy(() -> Reason.ofCode(beyond)).hasMessageContaining("reason " + beyond);
    }
}
