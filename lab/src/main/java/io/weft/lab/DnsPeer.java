package io.weft.lab;

import io.weft.dns.DnsServer;
import io.weft.dns.Forwarder;
import io.weft.dns.HostResolvers;
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
        Ip address = Ip.parse(arguments[0]);
        int port = Integer.parseInt(arguments[1]);
        List<Resource> services = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(arguments[2]); i++) {
            services.add(service(i));
        }
        Forwarder.Settings nobody = Forwarder.Settings.of(HostResolvers.parse(""));
        try (DnsServer server =
                DnsServer.open(List.of(address), port, ZoneSettings.DEFAULT, nobody)) {
            server.publish(Snapshot.of(services));
            System.out.println("ready");
            while (System.in.read() >= 0) {
                // whoever started this holds the other end
            }
        }
    }

    static Service service(int number) {
        return new Service(
                new Ref(Kind.SERVICE, "ns-" + number % NAMESPACES, "svc-" + number),
                Labels.EMPTY,
                Service.Type.CLUSTER_IP,
                Optional.empty(),
                false,
                Service.Addresses.ofCluster(List.of(ip(number))),
                List.of(new Service.Port("http", Protocol.TCP, 80, "8080")),
                Service.Routing.DEFAULT,
                Source.NONE);
    }

    static Ip ip(int number) {
        return FIRST.plus(number);
    }

    static String name(int number) {
        return "svc-" + number + ".ns-" + number % NAMESPACES + ".svc.cluster.local";
    }
}
