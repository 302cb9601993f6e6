package io.weft.dns;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import org.xbill.DNS.DClass;
import org.xbill.DNS.ExtendedErrorCodeOption;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

/** Asks and reads with dnsjava, so that the server's own code does not judge itself. */
final class Client {
    private Client() {}

    static Message question(String name, String type) {
        try {
            return Message.newQuery(
                    Record.newRecord(Name.fromString(name + "."), Type.value(type), DClass.IN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Asks a zone, as one connection would. */
    static Message ask(ClusterZone zone, Message question) {
        byte[] packet = question.toWire();
        byte[] out = new byte[DnsServer.TCP_MOST];
        int length =
                new Responder(new Counters(), Forwarder.none())
                        .respond(zone, packet, packet.length, out, DnsServer.TCP_MOST, true);
        try {
            byte[] answer = java.util.Arrays.copyOf(out, length);
            return new Message(answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Message ask(ClusterZone zone, String name, String type) {
        return ask(zone, question(name, type));
    }

    /** {@return the extended errors: {@code 20: text}} */
    static List<String> errors(Message message) {
        return message.getOPT().getOptions(15).stream()
                .map(ExtendedErrorCodeOption.class::cast)
                .map(e -> e.getErrorCode() + ": " + e.getText())
                .toList();
    }

    static List<String> data(Message message) {
        return message.getSection(Section.ANSWER).stream().map(Record::rdataToString).toList();
    }

    /** {@return {@code 10.96.0.1}, sorted, or the response code; {@code NODATA} without records} */
    static String answer(Message message) {
        if (message.getRcode() != Rcode.NOERROR) {
            return Rcode.string(message.getRcode());
        }
        List<String> data = data(message).stream().sorted().toList();
        return data.isEmpty() ? "NODATA" : String.join(" | ", data);
    }

    static String answer(ClusterZone zone, String name, String type) {
        return answer(ask(zone, name, type));
    }
}
