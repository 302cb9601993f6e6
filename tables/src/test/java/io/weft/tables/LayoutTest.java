package io.weft.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.model.Prefix;
import io.weft.tables.EndpointValue.Side;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;

/** The bytes of each record, written by hand for a little-endian machine. */
class LayoutTest {
    private static final int GUARD = 3; // also makes every access unaligned

    private static final String IP_10_0_0_1 = "0000000000000000 0000ffff 0a000001 ";
    private static final String IP_10_0_0_2 = "0000000000000000 0000ffff 0a000002 ";
    private static final String IP_FD00__1 = "fd00000000000000 0000000000000001 ";
    private static final String NO_IP = "0000000000000000 0000000000000000 ";

    interface Writer {
        void write(MemorySegment to, long offset);
    }

    /** Writes into memory full of ones, compares, and reads back from a read-only view. */
    private static <T> void assertBytes(
            T value, Writer writer, BiFunction<MemorySegment, Long, T> reader, String hex) {
        byte[] wanted = HexFormat.of().parseHex(hex.replace(" ", "").replace("\n", ""));
        MemorySegment memory = MemorySegment.ofArray(new byte[GUARD + wanted.length + GUARD]);
        memory.fill((byte) 0xff);

        writer.write(memory, GUARD);

        assertThat(memory.asSlice(GUARD, wanted.length).toArray(ValueLayout.JAVA_BYTE))
                .asHexString()
                .isEqualTo(hexOf(wanted));
        assertThat(memory.asSlice(0, GUARD).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0xff);
        assertThat(memory.asSlice(GUARD + wanted.length).toArray(ValueLayout.JAVA_BYTE))
                .containsOnly(0xff);
        assertThat(reader.apply(memory.asReadOnly(), (long) GUARD)).isEqualTo(value);
    }

    private static String hexOf(byte[] bytes) {
        return HexFormat.of().withUpperCase().formatHex(bytes);
    }

    @Test
    void state() {
        StateValue value = new StateValue(0x01020304, 1);
        assertBytes(value, value::write, StateValue::read, "04030201 01000000");
    }

    @Test
    void placeOfAWorkload() {
        PlaceValue value =
                new PlaceValue(
                        7,
                        new Mac(0x020000000001L),
                        new Mac(0x020000000002L),
                        Optional.of(Ip.parse("10.0.0.1")),
                        Optional.empty());
        MemorySegment memory = MemorySegment.ofArray(new byte[PlaceValue.SIZE]);
        memory.set(ValueLayout.JAVA_INT_UNALIGNED, PlaceValue.SEQUENCE_OFFSET, 3);

        value.writeAllButSequence(memory, 0);

        assertThat(memory.toArray(ValueLayout.JAVA_BYTE))
                .isEqualTo(
                        HexFormat.of()
                                .parseHex(
                                        ("03000000 07000000 020000000001 020000000002 00000000 "
                                                        + IP_10_0_0_1
                                                        + NO_IP
                                                        + "0000000000000000")
                                                .replace(" ", "")));
        assertThat(PlaceValue.ifindex(memory, 0)).isEqualTo(7);

        PlaceValue.writeNobody(memory, 0);

        assertThat(PlaceValue.ifindex(memory, 0)).isZero();
        assertThat(memory.asSlice(4).toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
    }

    @Test
    void uplink() {
        UplinkValue value =
                new UplinkValue(0x0102030405060708L, new Mac(0x020000000001L), UplinkValue.TX);
        assertBytes(value, value::write, UplinkValue::read, "0807060504030201 020000000001 0100");
    }

    @Test
    void workloadOfBothFamilies() {
        WorkloadValue value =
                new WorkloadValue(
                        5,
                        Mac.parse("0a:58:0a:00:00:01"),
                        Mac.parse("ee:ee:ee:00:00:fe"),
                        Optional.of(Ip.parse("10.0.0.1")),
                        Optional.of(Ip.parse("fd00::1")),
                        9,
                        WorkloadValue.MASQUERADE);
        assertBytes(
                value,
                value::write,
                WorkloadValue::read,
                "05000000 0a580a000001 eeeeee0000fe "
                        + IP_10_0_0_1
                        + IP_FD00__1
                        + " 09000000 01000000");
    }

    @Test
    void workloadWithoutAddresses() {
        WorkloadValue value =
                new WorkloadValue(
                        0, new Mac(0), new Mac(0), Optional.empty(), Optional.empty(), 0, 0);
        assertBytes(
                value,
                value::write,
                WorkloadValue::read,
                "00000000 000000000000 000000000000 " + NO_IP + NO_IP + " 00000000 00000000");
    }

    @Test
    void workloadAddressOfTheWrongFamilyIsRefused() {
        Optional<Ip> v6 = Optional.of(Ip.parse("fd00::1"));
        assertThatThrownBy(() ->
                        new WorkloadValue(0, new Mac(0), new Mac(0), v6, Optional.empty(), 0, 0))
                .hasMessage("ip4 is an IPv6 address: fd00::1");
    }

    @Test
    void address() {
        AddressValue value =
                new AddressValue(
                        7,
                        5,
                        Mac.parse("0a:58:0a:00:00:01"),
                        Mac.parse("ee:ee:ee:00:00:fe"),
                        AddressValue.SHAPED);
        assertBytes(
                value,
                value::write,
                AddressValue::read,
                "07000000 05000000 0a580a000001 eeeeee0000fe 01000000");
    }

    @Test
    void endpoint() {
        EndpointValue value =
                new EndpointValue(
                        new Versioned<>(Side.OPEN, new Side(3, 17)),
                        new Versioned<>(
                                new Side(4, 18, true, new Lengths(0x101, 0x1000000)),
                                new Side(5, 19)));
        assertBytes(
                value,
                value::write,
                EndpointValue::read,
                """
                00000000 01000000 00000000 00000000 00000000
                03000000 11000000 00000000 00000000 00000000
                04000000 12000000 01000000 01010000 00000001
                05000000 13000000 00000000 00000000 00000000
                """);
    }

    @Test
    void identitiesAreByPrefixOf128Bits() {
        PrefixKey v4 = PrefixKey.of(Prefix.parse("10.1.2.0/24"));
        assertBytes(v4, v4::write, PrefixKey::read, "78000000 0000000000000000 0000ffff 0a010200");
        assertThat(v4.prefix()).isEqualTo(Prefix.parse("10.1.2.0/24"));

        PrefixKey all = PrefixKey.of(Prefix.ALL_V6);
        assertBytes(all, all::write, PrefixKey::read, "00000000 " + NO_IP);
        assertThat(all.prefix()).isEqualTo(Prefix.ALL_V6);

        PrefixKey one = PrefixKey.of(Ip.parse("10.0.0.1"));
        assertBytes(one, one::write, PrefixKey::read, "80000000 " + IP_10_0_0_1);
    }

    @Test
    void identity() {
        IdentityValue value = IdentityValue.same(256).with(7, 0x0102);
        assertBytes(value, value::write, IdentityValue::read, "00010000 02010000");
        assertThat(value.at(4)).isEqualTo(256);
        assertThat(value.at(5)).isEqualTo(258);
    }

    @Test
    void policyKeyOfOneProtocolAndPort() {
        PolicyKey key = new PolicyKey(3, MatchKey.exact(256, 6, 8080));
        assertBytes(key, key::write, PolicyKey::read, "03000000 00010000 901f0600 00000000");
    }

    @Test
    void policyKeyOfAnIcmpType() {
        PolicyKey exact = new PolicyKey(3, MatchKey.exact(256, Icmp.V4, 8));
        assertBytes(exact, exact::write, PolicyKey::read, "03000000 00010000 00080100 00000000");
        PolicyKey type = new PolicyKey(3, exact.match().shortened(16));
        assertBytes(type, type::write, PolicyKey::read, "03000000 00010000 00080100 ff000000");
    }

    @Test
    void policyKeyOfAnyProtocol() {
        PolicyKey key = new PolicyKey(3, new MatchKey(Identities.ANY, 0, 0, 0));
        assertBytes(key, key::write, PolicyKey::read, "03000000 00000000 00000000 ffffff00");
    }

    @Test
    void policyKeyOfTheUpperPorts() {
        PolicyKey key = new PolicyKey(1, new MatchKey(2, 17, 0x8000, 9));
        assertBytes(key, key::write, PolicyKey::read, "01000000 02000000 00801100 ff7f0000");
    }

    @Test
    void policyKeyWithBitsOpenInTheMiddleIsNone() {
        MemorySegment memory = MemorySegment.ofArray(new byte[PolicyKey.SIZE]);
        memory.set(ValueLayout.JAVA_BYTE, PolicyKey.OPEN_OFFSET, (byte) 6);
        assertThatThrownBy(() -> PolicyKey.read(memory, 0)).hasMessage("open bits 0x6");
    }

    @Test
    void aLadderHasTheKeysOfTheLengthsInUse() {
        MatchKey web = MatchKey.exact(256, 6, 8080);
        MatchKey anyProtocol = new MatchKey(256, 0, 0, 0);
        MatchKey dns = MatchKey.exact(Identities.ANY, 17, 53);
        Lengths lengths =
                Lengths.of(List.of(dns, anyProtocol, web.shortened(8), web.shortened(20), web));

        assertThat(lengths.ladder(web))
                .containsExactly(web, web.shortened(20), web.shortened(8), anyProtocol);
        assertThat(lengths.ladder(dns)).containsExactly(dns);
        assertThat(Lengths.NONE.ladder(web)).isEmpty();
    }

    @Test
    void policyValue() {
        PolicyValue value =
                new PolicyValue(
                        new PolicyKey(3, MatchKey.exact(256, 6, 8080)),
                        Versioned.same(PolicyValue.NO_ENTRY)
                                .with(1, new Verdict(Action.DENY, 0x7fff0000, 16)));
        assertBytes(
                value,
                value::write,
                PolicyValue::read,
                """
                03000000 00010000 901f0600 00000000
                00000000 00000000 00000000 10000000 0000ff7f 02000000
                00000000 00000000
                """);
        assertThat(value.verdict().at(3).action()).isEqualTo(Action.DENY);
        assertThat(value.verdict().at(2).action()).isEqualTo(Action.NONE);
    }

    @Test
    void policyValueFromANewerDatapath() {
        MemorySegment memory = MemorySegment.ofArray(new byte[PolicyValue.SIZE]);
        memory.set(
                ValueLayout.JAVA_BYTE,
                PolicyValue.VERDICT_OFFSET + PolicyValue.ACTION_OFFSET,
                (byte) 9);
        assertThatThrownBy(() -> PolicyValue.read(memory, 0)).hasMessageContaining("action 9");
    }

    @Test
    void connectionKeyIsTheSameBothWays() {
        Ip low = Ip.parse("10.0.0.1");
        Ip high = Ip.parse("10.0.0.2");
        ConnectionKey there = ConnectionKey.of(high, 43512, low, 8080, 6);
        ConnectionKey back = ConnectionKey.of(low, 8080, high, 43512, 6);

        assertThat(there).isEqualTo(back);
        assertThat(ConnectionKey.isFromB(high, 43512, low, 8080)).isTrue();
        assertThat(ConnectionKey.isFromB(low, 8080, high, 43512)).isFalse();
        assertBytes(
                there,
                there::write,
                ConnectionKey::read,
                IP_10_0_0_1 + IP_10_0_0_2 + "1f90 a9f8 06 000000");
    }

    @Test
    void connectionEndsAreOrderedAsUnsignedBytes() {
        Ip fe80 = Ip.parse("fe80::1"); // its first byte is negative as a Java byte
        Ip v4 = Ip.parse("10.0.0.1");
        assertThat(ConnectionKey.of(fe80, 1, v4, 2, 17).a()).isEqualTo(v4);

        ConnectionKey self = ConnectionKey.of(v4, 0xff00, v4, 0x00ff, 17);
        assertThat(self.aPort()).isEqualTo(0x00ff);

        assertThatThrownBy(() -> new ConnectionKey(fe80, 1, v4, 2, 17))
                .hasMessageContaining("end a is not the lower one");
    }

    @Test
    void connectionKnowsWhoOpenedIt() {
        ConnectionKey key =
                ConnectionKey.of(Ip.parse("10.0.0.2"), 43512, Ip.parse("10.0.0.1"), 8080, 6);
        ConnectionValue value = connection(ConnectionValue.FROM_B | ConnectionValue.REPLIED);

        assertThat(key.opener(value)).isEqualTo(new ConnectionKey.End(Ip.parse("10.0.0.2"), 43512));
        assertThat(key.responder(value))
                .isEqualTo(new ConnectionKey.End(Ip.parse("10.0.0.1"), 8080));
        assertThat(value.has(ConnectionValue.REPLIED)).isTrue();
        assertThat(value.has(ConnectionValue.CLOSED)).isFalse();
    }

    @Test
    void connection() {
        ConnectionValue value = connection(ConnectionValue.FIN_RESPONDER);
        assertBytes(
                value,
                value::write,
                ConnectionValue::read,
                """
                0807060504030201 ffffffffffffffff
                0200000000000000 0300000000000000
                0400000000000000 0500000000000000
                06000000 20000000 00010000 01010000 10000000 11000000
                1200 1300 00000000
                """);
    }

    private static ConnectionValue connection(int flags) {
        return new ConnectionValue(
                0x0102030405060708L, -1, 2, 3, 4, 5, 6, flags, 256, 257, 16, 17, 18, 19);
    }

    @Test
    void fragments() {
        FragmentKey key = new FragmentKey(Ip.parse("10.0.0.1"), Ip.parse("fd00::1"), 0xabcd, 17);
        assertBytes(
                key, key::write, FragmentKey::read, IP_10_0_0_1 + IP_FD00__1 + "cdab0000 11000000");

        FragmentValue value = new FragmentValue(53, 65535, 17, 0);
        assertBytes(value, value::write, FragmentValue::read, "0035 ffff 11 00 0000");
        FragmentValue ping = new FragmentValue(7, 0, Icmp.V6, 128);
        assertBytes(ping, ping::write, FragmentValue::read, "0007 0000 3a 80 0000");
    }

    @Test
    void drops() {
        DropKey key = new DropKey(Abi.NO_SLOT, Reason.POLICY_INGRESS, Direction.INGRESS);
        assertBytes(key, key::write, DropKey::read, "ffffffff 0700 0100");
        DropKey out = new DropKey(1, Reason.SPOOFED, Direction.EGRESS);
        assertBytes(out, out::write, DropKey::read, "01000000 0500 0000");

        CounterValue value = new CounterValue(1, 1500);
        assertBytes(value, value::write, CounterValue::read, "0100000000000000 dc05000000000000");
        assertThat(value.plus(value)).isEqualTo(new CounterValue(2, 3000));
    }

    @Test
    void event() {
        EventRecord event =
                new EventRecord(
                        0x1122334455667788L,
                        EventType.CLOSED,
                        Reason.FORWARDED,
                        6,
                        0,
                        9,
                        Ip.parse("10.0.0.1"),
                        Ip.parse("fd00::1"),
                        43512,
                        8080,
                        256,
                        257,
                        16,
                        17,
                        5,
                        0x1122334455660000L,
                        2,
                        3,
                        104,
                        156);
        assertBytes(
                event,
                event::write,
                EventRecord::read,
                "8877665544332211 04 00 06 00 09000000 "
                        + IP_10_0_0_1
                        + IP_FD00__1
                        + """
                        a9f8 1f90 00010000 01010000 10000000 11000000 05000000
                        0000665544332211 0200000000000000 0300000000000000
                        6800000000000000 9c00000000000000
                        """);
    }

    @Test
    void eventWithHighPortAndCode() {
        MemorySegment memory = MemorySegment.ofArray(new byte[EventRecord.SIZE]);
        memory.set(ValueLayout.JAVA_BYTE, EventRecord.TYPE_OFFSET, (byte) 2);
        memory.set(ValueLayout.JAVA_BYTE, EventRecord.PROTOCOL_OFFSET, (byte) 0xff);
        memory.set(ValueLayout.JAVA_BYTE, EventRecord.SOURCE_PORT_OFFSET, (byte) 0xff);
        EventRecord event = EventRecord.read(memory, 0);
        assertThat(event.protocol()).isEqualTo(255);
        assertThat(event.sourcePort()).isEqualTo(0xff00);

        memory.set(ValueLayout.JAVA_BYTE, EventRecord.REASON_OFFSET, (byte) 200);
        assertThatThrownBy(() -> EventRecord.read(memory, 0)).hasMessageContaining("reason 200");
    }
}
