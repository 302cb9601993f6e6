package io.weft.dns;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** A resolver on loopback that answers as a test says, and keeps what it was asked. */
final class FakeUpstream implements AutoCloseable {
    /** What to say to a question; nothing: silence. */
    @FunctionalInterface
    interface Mind {
        Optional<Message> answer(Message question, boolean tcp) throws IOException;
    }

    /** What to say to a question, in bytes of any kind. */
    @FunctionalInterface
    interface RawMind {
        byte[] answer(Message question, boolean tcp) throws IOException;
    }

    /** Bytes; nothing: silence. */
    @FunctionalInterface
    private interface AnyMind {
        Optional<byte[]> answer(Message question, boolean tcp) throws IOException;
    }

    private final Sockets sockets;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private final AnyMind mind;

    FakeUpstream(Mind mind) {
        this(
                Sockets.open(),
                (q, tcp) -> mind.answer(q, tcp).map(m -> m.toWire(tcp ? 65_535 : 512)));
    }

    private FakeUpstream(Sockets sockets, AnyMind mind) {
        this.sockets = sockets;
        this.mind = mind;
        Thread.ofPlatform().daemon().name("fake-upstream-udp").start(this::serveUdp);
        Thread.ofPlatform().daemon().name("fake-upstream-tcp").start(this::serveTcp);
    }

    static FakeUpstream raw(RawMind mind) {
        return new FakeUpstream(
                Sockets.open(), (question, tcp) -> Optional.of(mind.answer(question, tcp)));
    }

    /** One that has these records, as in a zone file, and one SOA for what it has not. */
    static FakeUpstream of(String... records) {
        return new FakeUpstream((question, tcp) -> Optional.of(fromRecords(question, records)));
    }

    static Message fromRecords(Message question, String... records) throws IOException {
        Message answer = replyTo(question);
        Name name = question.getQuestion().getName();
        boolean exists = false;
        for (String text : records) {
            Record record = record(text);
            exists |= record.getName().equals(name);
            if (record.getName().equals(name)
                    && record.getType() == question.getQuestion().getType()) {
                answer.addRecord(record, Section.ANSWER);
            }
        }
        if (answer.getSection(Section.ANSWER).isEmpty()) {
            answer.getHeader().setRcode(exists ? Wire.NOERROR : Wire.NXDOMAIN);
            answer.addRecord(
                    record("example.com. 600 SOA ns.example.com. a.example.com. 1 2 3 4 30"),
                    Section.AUTHORITY);
        }
        return answer;
    }

    static Message replyTo(Message question) {
        Message answer = new Message(question.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(question.getQuestion(), Section.QUESTION);
        return answer;
    }

    /** Reads {@code name ttl type data}. */
    static Record record(String text) throws IOException {
        String[] words = text.split(" ", 4);
        return Record.fromString(
                Name.fromString(words[0]),
                org.xbill.DNS.Type.value(words[2]),
                DClass.IN,
                Long.parseLong(words[1]),
                words[3],
                Name.root);
    }

    InetSocketAddress address() {
        return sockets.address();
    }

    /** {@return {@code udp www.example.com. A}, in order} */
    List<String> asked() {
        return List.copyOf(asked);
    }

    private Optional<byte[]> answer(byte[] packet, boolean tcp) throws IOException {
        Message question = new Message(packet);
        Record q = question.getQuestion();
        asked.add(
                (tcp ? "tcp " : "udp ")
                        + q.getName()
                        + " "
                        + org.xbill.DNS.Type.string(q.getType()));
        return mind.answer(question, tcp);
    }

    private void serveUdp() {
        ByteBuffer buffer = ByteBuffer.allocate(4096);
        while (sockets.udp().isOpen()) {
            try {
                SocketAddress from = sockets.udp().receive(buffer.clear());
                byte[] packet = new byte[buffer.flip().remaining()];
                buffer.get(packet);
                Optional<byte[]> answer = answer(packet, false);
                if (answer.isPresent()) {
                    sockets.udp().send(ByteBuffer.wrap(answer.get()), from);
                }
            } catch (IOException e) {
                // closed, or the client went away
            }
        }
    }

    private void serveTcp() {
        while (sockets.tcp().isOpen()) {
            try (Socket client = sockets.tcp().accept().socket()) {
                DataInputStream in = new DataInputStream(client.getInputStream());
                byte[] packet = new byte[in.readUnsignedShort()];
                in.readFully(packet);
                Optional<byte[]> answer = answer(packet, true);
                if (answer.isPresent()) {
                    byte[] bytes = answer.get();
                    DataOutputStream out = new DataOutputStream(client.getOutputStream());
                    out.writeShort(bytes.length);
                    out.write(bytes);
                    out.flush();
                }
            } catch (IOException e) {
                // closed, or the client went away
            }
        }
    }

    /** Nobody listens there any more. */
    void goAway() {
        close();
    }

    @Override
    public void close() {
        DnsServer.closeQuietly(sockets.udp());
        DnsServer.closeQuietly(sockets.tcp());
    }
}
