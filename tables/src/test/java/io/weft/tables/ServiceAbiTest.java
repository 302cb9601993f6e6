package io.weft.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Ip;
import io.weft.model.Prefix;
import io.weft.model.Protocol;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What Java says about the ABI of services is what {@code weft_service_abi.h} says. */
class ServiceAbiTest {
    private static final Ip V4 = Ip.parse("10.1.2.3");
    private static final Ip V6 = Ip.parse("fd00::5");

    @Test
    void everyDefineOfTheHeaderHasTheSameNumberInJava() throws IOException {
        Map<String, Long> java = new HashMap<>();
        java.put("MAX_FRONTENDS", (long) ServiceAbi.MAX_FRONTENDS);
        java.put("MAX_SETS", (long) ServiceAbi.MAX_SETS);
        java.put("MAX_BACKENDS", (long) ServiceAbi.MAX_BACKENDS);
        java.put("MAX_MEMBERS", (long) ServiceAbi.MAX_MEMBERS);
        java.put("MAX_AFFINITIES", (long) ServiceAbi.MAX_AFFINITIES);
        java.put("MAX_SOURCE_RANGES", (long) ServiceAbi.MAX_SOURCE_RANGES);
        java.put("MAX_NAMESPACES", (long) ServiceAbi.MAX_NAMESPACES);
        java.put("MAX_ORIGINS", (long) ServiceAbi.MAX_ORIGINS);
        java.put("MAX_UPLINKS", (long) ServiceAbi.MAX_UPLINKS);
        java.put("UPLINK_TX", (long) UplinkValue.TX);
        java.put("MAX_TRANSLATIONS", (long) ServiceAbi.MAX_TRANSLATIONS);
        java.put("ADDRESS_MASQUERADE", (long) ServiceAbi.ADDRESS_MASQUERADE);
        java.put("RANGE_PODS", Integer.toUnsignedLong(ServiceAbi.RANGE_PODS));
        java.put("RANGE_RESERVED", Integer.toUnsignedLong(ServiceAbi.RANGE_RESERVED));
        java.put("RANGE_DIRECT", Integer.toUnsignedLong(ServiceAbi.RANGE_DIRECT));
        java.put("RANGE_NODES", Integer.toUnsignedLong(ServiceAbi.RANGE_NODES));
        java.put("RANGE_CLUSTER_PODS", Integer.toUnsignedLong(ServiceAbi.RANGE_CLUSTER_PODS));
        java.put("MAX_HANDED", (long) ServiceAbi.MAX_HANDED);
        java.put("FRONTEND_DIRECT", (long) FrontendValue.DIRECT);
        java.put("TRANSLATION_DIRECT", (long) TranslationValue.DIRECT);
        java.put("TRANSLATION_ANSWERED", (long) TranslationValue.ANSWERED);
        java.put("TRANSLATION_REVERSE", (long) TranslationValue.REVERSE);
        java.put("TRANSLATION_MASQUERADED", (long) TranslationValue.MASQUERADED);
        java.put("TRANSLATION_CLOSING", (long) TranslationValue.CLOSING);
        java.put("TRANSLATION_NODE", (long) TranslationValue.NODE);
        java.put("ADDRESS_CLUSTER_IP", (long) ServiceAbi.ADDRESS_CLUSTER_IP);
        java.put("ADDRESS_EXTERNAL", (long) ServiceAbi.ADDRESS_EXTERNAL);
        java.put("ADDRESS_NODE", (long) ServiceAbi.ADDRESS_NODE);
        java.put("FRONTEND_AFFINITY", (long) FrontendValue.AFFINITY);
        java.put("FRONTEND_MAGLEV", (long) FrontendValue.MAGLEV);
        java.put("FRONTEND_RANGES", (long) FrontendValue.RANGES);
        java.put("FRONTEND_MASQUERADE_PODS", (long) FrontendValue.MASQUERADE_PODS);
        java.put("FRONTEND_MASQUERADE_NODE", (long) FrontendValue.MASQUERADE_NODE);
        java.put("FRONTEND_MASQUERADE_OUTSIDE", (long) FrontendValue.MASQUERADE_OUTSIDE);
        java.put("SET_DROP", Integer.toUnsignedLong(SetValue.DROP));

        assertThat(header().defines()).containsExactlyInAnyOrderEntriesOf(java);
    }

    @Test
    void everyStructOfTheHeaderIsLaidOutAsHere() throws IOException {
        List<Layout> java = new ArrayList<>(ServiceAbi.LAYOUTS);
        java.addAll(ServiceAbi.TRANSLATION_LAYOUTS);
        assertThat(java).containsExactlyInAnyOrderElementsOf(header().structs());
    }

    private static AbiHeader header() throws IOException {
        return AbiHeader.ofThisTree("weft_service_abi.h");
    }

    @Test
    void whatIsWrittenIsRead() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment m = arena.allocate(64, 8);
            m.fill((byte) 0xaa);
            FrontendKey key = new FrontendKey(V4, 80, Protocol.UDP);
            key.write(m, 0);
            assertThat(FrontendKey.read(m, 0)).isEqualTo(key);
            m.set(ValueLayout.JAVA_BYTE, FrontendKey.PROTOCOL_OFFSET, (byte) 1);
            assertThatThrownBy(() -> FrontendKey.read(m, 0)).hasMessageContaining("protocol");

            FrontendValue value = new FrontendValue(3, 4, FrontendValue.MAGLEV, 10800);
            value.write(m, 0);
            assertThat(FrontendValue.read(m, 0)).isEqualTo(value);

            BackendValue backend = new BackendValue(V6, 65535, -7);
            backend.write(m, 0);
            assertThat(BackendValue.read(m, 0)).isEqualTo(backend);

            MemberKey member = new MemberKey(5, 6);
            member.write(m, 0);
            assertThat(MemberKey.read(m, 0)).isEqualTo(member);

            HandedKey handed = new HandedKey(V6, 7);
            handed.write(m, 0);
            assertThat(HandedKey.read(m, 0)).isEqualTo(handed);

            SourceRangeKey range = SourceRangeKey.of(9, Prefix.parse("10.0.0.0/8"));
            assertThat(range.bits()).isEqualTo(32 + 96 + 8);
            range.write(m, 0);
            assertThat(SourceRangeKey.read(m, 0)).isEqualTo(range);

            NamespaceValue namespace = new NamespaceValue(Optional.of(V4), Optional.empty());
            namespace.write(m, 0);
            assertThat(NamespaceValue.read(m, 0)).isEqualTo(namespace);

            OriginKey origin = new OriginKey(1L << 40, V6, 53);
            origin.write(m, 0);
            assertThat(OriginKey.read(m, 0)).isEqualTo(origin);
            OriginValue service = new OriginValue(V4, 53);
            service.write(m, 0);
            assertThat(OriginValue.read(m, 0)).isEqualTo(service);
        }
    }

    @Test
    void aSetIsOneNumberOfEightBytes() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment m = arena.allocate(8, 8);
            for (SetValue set :
                    new SetValue[] {
                        SetValue.REFUSED,
                        new SetValue(7, 3, BackendSet.WhenEmpty.REJECT),
                        new SetValue(-2, 1, BackendSet.WhenEmpty.REJECT),
                        new SetValue(0, 0, BackendSet.WhenEmpty.DROP)
                    }) {
                set.write(m, 0);
                assertThat(m.get(ValueLayout.JAVA_LONG, 0)).isEqualTo(set.asNumber());
                assertThat(SetValue.read(m, 0)).isEqualTo(set);
            }
        }
    }
}
