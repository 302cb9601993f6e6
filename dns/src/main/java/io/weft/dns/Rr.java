package io.weft.dns;

import io.weft.model.Ip;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The data of one record, without owner and time to live. */
final class Rr implements Comparable<Rr> {
    private final int type;
    private final byte[] data;

    private Rr(int type, byte[] data) {
        this.type = type;
        this.data = data;
    }

    /** {@return A or AAAA} */
    static Rr address(Ip ip) {
        byte[] all = ip.toBytes16();
        return ip.isV4() ? new Rr(Wire.A, Arrays.copyOfRange(all, 12, 16)) : new Rr(Wire.AAAA, all);
    }

    static Rr cname(WireName target) {
        return new Rr(Wire.CNAME, target.toBytes());
    }

    static Rr ns(WireName server) {
        return new Rr(Wire.NS, server.toBytes());
    }

    static Rr ptr(WireName target) {
        return new Rr(Wire.PTR, target.toBytes());
    }

    static Rr srv(int weight, int port, WireName target) {
        byte[] data = new byte[6 + target.length()];
        Wire.put16(data, 2, weight); // priority 0
        Wire.put16(data, 4, port);
        target.copyTo(data, 6);
        return new Rr(Wire.SRV, data);
    }

    /**
     * @param text at most 255 bytes
     */
    static Rr txt(String text) {
        return new Rr(Wire.TXT, string(text));
    }

    /** {@return what stands for all types (RFC 8482 §4.2)} */
    static Rr minimalAny() {
        byte[] cpu = string("RFC8482");
        return new Rr(Wire.HINFO, Arrays.copyOf(cpu, cpu.length + 1)); // and an empty OS
    }

    /** {@return the start of authority of a zone} */
    static Rr soa(WireName server, WireName mailbox, int serial, int negativeTtl) {
        byte[] data = new byte[server.length() + mailbox.length() + 20];
        server.copyTo(data, 0);
        mailbox.copyTo(data, server.length());
        int at = server.length() + mailbox.length();
        at = Wire.put32(data, at, serial);
        at = Wire.put32(data, at, 7200); // refresh, retry, expire: nobody transfers this zone
        at = Wire.put32(data, at, 1800);
        at = Wire.put32(data, at, 86400);
        Wire.put32(data, at, negativeTtl);
        return new Rr(Wire.SOA, data);
    }

    private static byte[] string(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        byte[] data = new byte[1 + utf8.length];
        data[0] = (byte) utf8.length;
        System.arraycopy(utf8, 0, data, 1, utf8.length);
        return data;
    }

    int type() {
        return type;
    }

    /** {@return the name that the data ends with: of CNAME, NS, PTR and SRV} */
    WireName target() {
        WireName name = WireName.probe();
        name.load(data, type == Wire.SRV ? 6 : 0, data.length);
        return name.copy();
    }

    /** {@return the record of the question's name} */
    byte[] encode(int ttl) {
        byte[] record = new byte[2 + Wire.FIXED + data.length];
        int at = Wire.put16(record, 0, Wire.TO_QUESTION);
        at = Wire.put16(record, at, type);
        at = Wire.put16(record, at, Wire.IN);
        at = Wire.put32(record, at, ttl);
        at = Wire.put16(record, at, data.length);
        System.arraycopy(data, 0, record, at, data.length);
        return record;
    }

    byte[] data() {
        return data;
    }

    @Override
    public int compareTo(Rr other) {
        int c = Integer.compare(type, other.type);
        return c != 0 ? c : Arrays.compareUnsigned(data, other.data);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Rr o && type == o.type && Arrays.equals(data, o.data);
    }

    @Override
    public int hashCode() {
        return 31 * type + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return type + " " + java.util.HexFormat.of().formatHex(data);
    }
}
