package io.weft.ipam;

import io.weft.model.Ip;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/**
 * What the ledger holds of addresses.
 *
 * <pre>
 *   PREFIX lease/CONTAINER/IFNAME/NETWORK         version, addresses, pool, owner, since, claim
 *   PREFIX claim/KIND/NAMESPACE/NAME/IFNAME       version, addresses, pool
 *   PREFIX rest/32 hexadecimal digits             version, when it was given back, by which clock
 *   PREFIX block/32 hexadecimal digits            version, node
 *
 *   PREFIX is ipam/, or ipam@DOMAIN/
 * </pre>
 */
final class Records {
    private static final byte VERSION = 1;
    private static final HexFormat HEX = HexFormat.of();

    /** Addresses that are kept. */
    record Kept(String pool, List<Ip> addresses) {}

    /** When an address was given back. */
    record Rest(long wallMillis, long monotonicNanos, String bootId) {
        static Rest now(TimeSource time) {
            return new Rest(time.wallMillis(), time.monotonicNanos(), time.bootId());
        }

        /**
         * {@return nanoseconds that it has rested, at least}: in the same boot by the clock that
         * never goes back, else by the wall clock; if that went back, none.
         */
        long elapsedNanos(Rest now) {
            if (bootId.equals(now.bootId)) {
                return Math.max(0, now.monotonicNanos - monotonicNanos);
            }
            long millis = Math.clamp(now.wallMillis - wallMillis, 0, 1_000_000_000_000L);
            return millis * 1_000_000;
        }
    }

    private final String prefix;

    Records(String domain) {
        prefix = domain.isEmpty() ? "ipam/" : "ipam@" + domain + "/";
    }

    String leases() {
        return prefix + "lease/";
    }

    String claims() {
        return prefix + "claim/";
    }

    String rests() {
        return prefix + "rest/";
    }

    String blocks() {
        return prefix + "block/";
    }

    String key(LeaseKey key) {
        return leases() + key.containerId() + "/" + key.ifname() + "/" + key.network();
    }

    String key(ClaimKey key) {
        return claims()
                + key.kind()
                + "/"
                + key.namespace()
                + "/"
                + key.name()
                + "/"
                + key.ifname();
    }

    String rest(Ip ip) {
        return rests() + hex(ip);
    }

    String block(Ip base) {
        return blocks() + hex(base);
    }

    private static String hex(Ip ip) {
        return HEX.toHexDigits(ip.high()) + HEX.toHexDigits(ip.low());
    }

    /** {@return the address in the key of a resting one or of a block} */
    static Ip ip(String key) {
        int at = key.length() - 32;
        return new Ip(
                Long.parseUnsignedLong(key, at, at + 16, 16),
                Long.parseUnsignedLong(key, at + 16, at + 32, 16));
    }

    LeaseKey leaseKey(String key) {
        String[] parts = key.substring(leases().length()).split("/", -1);
        return new LeaseKey(parts[0], parts[1], parts[2]);
    }

    ClaimKey claimKey(String key) {
        String[] parts = key.substring(claims().length()).split("/", -1);
        return new ClaimKey(ClaimKey.Kind.valueOf(parts[0]), parts[1], parts[2], parts[3]);
    }

    static byte[] encode(Lease lease) {
        return encode(out -> {
            write(out, lease.addresses());
            out.writeUTF(lease.pool());
            out.writeUTF(lease.owner().kind().name());
            out.writeUTF(lease.owner().podUid());
            out.writeUTF(lease.owner().namespace());
            out.writeUTF(lease.owner().name());
            out.writeLong(lease.since().toEpochMilli());
            out.writeBoolean(lease.claim().isPresent());
            if (lease.claim().isPresent()) {
                ClaimKey claim = lease.claim().get();
                out.writeUTF(claim.kind().name());
                out.writeUTF(claim.namespace());
                out.writeUTF(claim.name());
                out.writeUTF(claim.ifname());
            }
        });
    }

    Lease lease(String key, byte[] value) {
        return decode(
                key,
                value,
                in -> {
                    List<Ip> addresses = readAddresses(in);
                    String pool = in.readUTF();
                    Owner owner =
                            new Owner(
                                    Owner.Kind.valueOf(in.readUTF()),
                                    in.readUTF(),
                                    in.readUTF(),
                                    in.readUTF());
                    Instant since = Instant.ofEpochMilli(in.readLong());
                    Optional<ClaimKey> claim =
                            in.readBoolean()
                                    ? Optional.of(
                                            new ClaimKey(
                                                    ClaimKey.Kind.valueOf(in.readUTF()),
                                                    in.readUTF(),
                                                    in.readUTF(),
                                                    in.readUTF()))
                                    : Optional.empty();
                    return new Lease(leaseKey(key), owner, pool, addresses, claim, since);
                });
    }

    static byte[] encode(Kept kept) {
        return encode(out -> {
            write(out, kept.addresses());
            out.writeUTF(kept.pool());
        });
    }

    static Kept kept(String key, byte[] value) {
        return decode(
                key,
                value,
                in -> {
                    List<Ip> addresses = readAddresses(in);
                    return new Kept(in.readUTF(), addresses);
                });
    }

    static byte[] encode(Rest rest) {
        return encode(out -> {
            out.writeLong(rest.wallMillis());
            out.writeLong(rest.monotonicNanos());
            out.writeUTF(rest.bootId());
        });
    }

    static Rest rest(String key, byte[] value) {
        return decode(key, value, in -> new Rest(in.readLong(), in.readLong(), in.readUTF()));
    }

    static byte[] encodeBlock(String node) {
        return encode(out -> out.writeUTF(node));
    }

    static String block(String key, byte[] value) {
        return decode(key, value, DataInput::readUTF);
    }

    private static void write(DataOutputStream out, List<Ip> addresses) throws IOException {
        out.writeByte(addresses.size());
        for (Ip ip : addresses) {
            out.writeLong(ip.high());
            out.writeLong(ip.low());
        }
    }

    private static List<Ip> readAddresses(DataInput in) throws IOException {
        int count = in.readByte();
        List<Ip> addresses = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            addresses.add(new Ip(in.readLong(), in.readLong()));
        }
        return addresses;
    }

    private interface Writer {
        void write(DataOutputStream out) throws IOException;
    }

    private interface Reader<T> {
        T read(DataInput in) throws IOException;
    }

    private static byte[] encode(Writer writer) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeByte(VERSION);
            writer.write(out);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static <T> T decode(String key, byte[] value, Reader<T> reader) {
        try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(value))) {
            byte version = in.readByte();
            if (version != VERSION) {
                throw new IllegalStateException(
                        key + " has version " + version + "; this Weft knows " + VERSION);
            }
            return reader.read(in);
        } catch (IOException e) {
            throw new IllegalStateException(key + " cannot be read: " + e, e);
        }
    }
}
