package io.weft.lab;

import io.weft.dns.ClusterZone;
import io.weft.dns.DnsServer;
import io.weft.dns.Forwarder;
import io.weft.dns.ZoneSettings;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.Labels;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.model.Snapshot;
import io.weft.model.Source;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Weft's DNS server in a process of its own: {@code DnsPeer ADDRESS PORT SERVICES} prints {@code
 * ready} when it serves that many services, until its standard input ends.
 */
public final class DnsPeer {
    private static final int NAMESPACES = 50;
    private static final Ip FIRST = Ip.parse("10.96.0.1");

    private DnsPeer() {}

    public static void main(String[] arguments) throws IOException {
        InetSocketAddress address =
                new InetSocketAddress(
                        InetAddress.getByName(arguments[0]), Integer.parseInt(arguments[1]));
        List<Resource> services = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            services.add(service(i));
        }
        ClusterZone zone = ClusterZone.of(ZoneSettings.DEFAULT, Snapshot.of(services));
        DatagramChannel socket = DatagramChannel.open().bind(address);
        try (DnsServer server = new DnsServer(zone, Forwarder.none(), DnsServer.Limits.DEFAULT)) {
            server.serve(socket);
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // whoever started this holds the other end
            }
        }
    }

    private static Service service(int number) {
        return new Service(
                new Ref(Kind.SERVICE, "ns-" + number % NAMESPACES, "svc-" + number),
                Labels.EMPTY,
                Optional.empty(),
                false,
                List.of(ip(number)),
                List.of(new Service.Port("http", Protocol.TCP, 80, "8080")),
                Source.NONE);
    }

    static Ip ip(int number) {
        return FIRST.plus(number);
    }

    static String name(int number) {
        return "svc-" + number + ".ns-" + number % NAMESPACES + ".svc.cluster.local";
    }
}
