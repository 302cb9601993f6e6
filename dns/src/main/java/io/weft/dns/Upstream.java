package io.weft.dns;

import io.weft.model.Ip;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.DatagramChannel;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Arrays;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;

/**
 * One try of one upstream: over UDP from a port that the kernel draws, with an id drawn here; over
 * TCP when the answer does not fit.
 */
final class Upstream {
    private static final SecureRandom RANDOM = new SecureRandom();

    private final InetSocketAddress address;
    private final long deadline;

    Upstream(InetSocketAddress address, Duration timeout) {
        this.address = address;
        this.deadline = System.nanoTime() + timeout.toNanos();
    }

    static InetSocketAddress address(Ip ip, int port) {
        byte[] bytes = ip.toBytes16();
        try {
            return new InetSocketAddress(
                    InetAddress.getByAddress(ip.isV4() ? Arrays.copyOfRange(bytes, 12, 16) : bytes),
                    port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 bytes", e);
        }
    }

    /**
     * @throws IOException when it does not answer in time, or not with DNS
     */
    Message ask(AnswerCache.Key key) throws IOException {
        Message answer = exchange(key, true);
        boolean old = answer.getRcode() == Rcode.FORMERR || answer.getRcode() == Rcode.NOTIMP;
        return old ? exchange(key, false) : answer; // it knows no EDNS
    }

    private Message exchange(AnswerCache.Key key, boolean edns) throws IOException {
        byte[] query = query(key, edns, RANDOM.nextInt(1 << 16));
        Message answer = overUdp(key, query);
        return answer.getHeader().getFlag(Flags.TC) ? overTcp(key, query) : answer;
    }

    private static byte[] query(AnswerCache.Key key, boolean edns, int id) {
        int end = Wire.HEADER + key.name().length() + 4;
        byte[] query = new byte[end + (edns ? Wire.OPT_SIZE : 0)];
        Wire.put16(query, 0, id);
        Wire.put16(query, 2, Wire.RD | (key.flags() & Wire.CD));
        Wire.put16(query, 4, 1);
        Wire.put16(query, 10, edns ? 1 : 0);
        key.name().copyTo(query, Wire.HEADER);
        Wire.put16(query, end - 4, key.type());
        Wire.put16(query, end - 2, Wire.IN);
        if (edns) {
            Responder.putOpt(query, end, 0, key.dnssecOk(), Responder.NO_OPTION);
        }
        return query;
    }

    private int millisLeft() throws SocketTimeoutException {
        long left = (deadline - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            throw new SocketTimeoutException("no answer in time");
        }
        return (int) left;
    }

    private Message overUdp(AnswerCache.Key key, byte[] query) throws IOException {
        try (DatagramChannel channel = DatagramChannel.open();
                DatagramSocket socket = channel.socket()) {
            socket.connect(address); // others' packets do not arrive
            socket.send(new DatagramPacket(query, query.length));
            DatagramPacket packet =
                    new DatagramPacket(new byte[DnsServer.MAX_QUESTION], DnsServer.MAX_QUESTION);
            while (true) {
                socket.setSoTimeout(millisLeft());
                socket.receive(packet);
                byte[] bytes = Arrays.copyOf(packet.getData(), packet.getLength());
                if (answers(bytes, query, key)) {
                    return parse(bytes);
                }
            }
        }
    }

    private Message overTcp(AnswerCache.Key key, byte[] query) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(address, millisLeft());
            byte[] framed = new byte[2 + query.length];
            Wire.put16(framed, 0, query.length);
            System.arraycopy(query, 0, framed, 2, query.length);
            socket.getOutputStream().write(framed);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            socket.setSoTimeout(millisLeft());
            byte[] bytes = new byte[in.readUnsignedShort()];
            for (int at = 0; at < bytes.length; ) {
                socket.setSoTimeout(millisLeft());
                int got = in.read(bytes, at, bytes.length - at);
                if (got < 0) {
                    throw new IOException("closed the connection in its answer");
                }
                at += got;
            }
            if (!answers(bytes, query, key)) {
                throw new IOException("answered another question");
            }
            return parse(bytes);
        }
    }

    /** Some malformed packets are more than dnsjava expects. */
    private static Message parse(byte[] bytes) throws IOException {
        try {
            return new Message(bytes);
        } catch (RuntimeException e) {
            throw new IOException("answered what is not DNS: " + e.getMessage(), e);
        }
    }

    /** {@return whether this is the answer to that question, and not somebody's guess} */
    private static boolean answers(byte[] answer, byte[] query, AnswerCache.Key key)
            throws IOException {
        if (answer.length < Wire.HEADER
                || Wire.u16(answer, 0) != Wire.u16(query, 0)
                || (Wire.u16(answer, 2) & Wire.QR) == 0) {
            return false;
        }
        if (Wire.u16(answer, 4) == 0 && (Wire.u16(answer, 2) & Wire.RCODE) == Wire.FORMERR) {
            return true; // it did not understand the question, so it cannot repeat it
        }
        Record question = parse(answer).getQuestion();
        return question != null
                && question.getName().equals(new Name(key.name().toBytes()))
                && question.getType() == key.type()
                && question.getDClass() == Wire.IN;
    }
}
