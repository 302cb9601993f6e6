package io.weft.datapath;

import io.weft.bpf.Codec;
import io.weft.model.Ip;
import io.weft.tables.AddressValue;
import io.weft.tables.ConnectionKey;
import io.weft.tables.ConnectionValue;
import io.weft.tables.CounterValue;
import io.weft.tables.DropKey;
import io.weft.tables.EndpointValue;
import io.weft.tables.FrontendKey;
import io.weft.tables.FrontendValue;
import io.weft.tables.HandedKey;
import io.weft.tables.IdentityValue;
import io.weft.tables.MemberKey;
import io.weft.tables.NamespaceValue;
import io.weft.tables.OriginKey;
import io.weft.tables.OriginValue;
import io.weft.tables.PolicyKey;
import io.weft.tables.PolicyValue;
import io.weft.tables.PrefixKey;
import io.weft.tables.SourceRangeKey;
import io.weft.tables.TranslationKey;
import io.weft.tables.TranslationValue;
import io.weft.tables.UplinkValue;
import io.weft.tables.WorkloadValue;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** The records of {@code tables} as keys and values of maps. */
final class Codecs {
    private static final ValueLayout.OfLong BE64 =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    static final Codec<Ip> IP =
            codec(
                    16,
                    (ip, to, at) -> {
                        to.set(BE64, at, ip.high());
                        to.set(BE64, at + 8, ip.low());
                    },
                    (from, at) -> new Ip(from.get(BE64, at), from.get(BE64, at + 8)));
    static final Codec<WorkloadValue> WORKLOAD =
            codec(WorkloadValue.SIZE, WorkloadValue::write, WorkloadValue::read);
    static final Codec<AddressValue> ADDRESS =
            codec(AddressValue.SIZE, AddressValue::write, AddressValue::read);
    static final Codec<EndpointValue> ENDPOINT =
            codec(EndpointValue.SIZE, EndpointValue::write, EndpointValue::read);
    static final Codec<HandedKey> HANDED = codec(HandedKey.SIZE, HandedKey::write, HandedKey::read);
    static final Codec<PrefixKey> PREFIX = codec(PrefixKey.SIZE, PrefixKey::write, PrefixKey::read);
    static final Codec<IdentityValue> IDENTITY =
            codec(IdentityValue.SIZE, IdentityValue::write, IdentityValue::read);
    static final Codec<PolicyKey> POLICY_KEY =
            codec(PolicyKey.SIZE, PolicyKey::write, PolicyKey::read);
    static final Codec<PolicyValue> POLICY_VALUE =
            codec(PolicyValue.SIZE, PolicyValue::write, PolicyValue::read);
    static final Codec<ConnectionKey> CONNECTION_KEY =
            codec(ConnectionKey.SIZE, ConnectionKey::write, ConnectionKey::read);
    static final Codec<ConnectionValue> CONNECTION =
            codec(ConnectionValue.SIZE, ConnectionValue::write, ConnectionValue::read);
    static final Codec<DropKey> DROP_KEY = codec(DropKey.SIZE, DropKey::write, DropKey::read);
    static final Codec<CounterValue> COUNTER =
            codec(CounterValue.SIZE, CounterValue::write, CounterValue::read);

    static final Codec<FrontendKey> FRONTEND_KEY =
            codec(FrontendKey.SIZE, FrontendKey::write, FrontendKey::read);
    static final Codec<FrontendValue> FRONTEND =
            codec(FrontendValue.SIZE, FrontendValue::write, FrontendValue::read);
    static final Codec<MemberKey> MEMBER = codec(MemberKey.SIZE, MemberKey::write, MemberKey::read);
    static final Codec<SourceRangeKey> SOURCE_RANGE =
            codec(SourceRangeKey.SIZE, SourceRangeKey::write, SourceRangeKey::read);
    static final Codec<NamespaceValue> NAMESPACE =
            codec(NamespaceValue.SIZE, NamespaceValue::write, NamespaceValue::read);
    static final Codec<OriginKey> ORIGIN_KEY =
            codec(OriginKey.SIZE, OriginKey::write, OriginKey::read);
    static final Codec<OriginValue> ORIGIN =
            codec(OriginValue.SIZE, OriginValue::write, OriginValue::read);

    static final Codec<TranslationKey> TRANSLATION_KEY =
            codec(TranslationKey.SIZE, TranslationKey::write, TranslationKey::read);
    static final Codec<TranslationValue> TRANSLATION =
            codec(TranslationValue.SIZE, TranslationValue::write, TranslationValue::read);

    static final Codec<UplinkValue> UPLINK =
            codec(UplinkValue.SIZE, UplinkValue::write, UplinkValue::read);

    private interface Writer<T> {
        void write(T value, MemorySegment to, long offset);
    }

    private interface Parser<T> {
        T read(MemorySegment from, long offset);
    }

    private Codecs() {}

    private static <T> Codec<T> codec(int size, Writer<T> writer, Parser<T> parser) {
        return new Codec<>() {
            @Override
            public int size() {
                return size;
            }

            @Override
            public void write(MemorySegment to, T value) {
                writer.write(value, to, 0);
            }

            @Override
            public T read(MemorySegment from) {
                return parser.read(from, 0);
            }
        };
    }
}
