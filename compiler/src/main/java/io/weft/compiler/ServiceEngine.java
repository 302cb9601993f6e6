package io.weft.compiler;

import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.NotAService;
import io.weft.compiler.Translation.Reason;
import io.weft.compiler.Translation.Rejected;
import io.weft.compiler.Translation.Target;
import io.weft.compiler.Translation.ToBackends;
import io.weft.model.Ip;
import io.weft.model.Protocol;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.WhenEmpty;
import io.weft.tables.Frontend;
import io.weft.tables.Frontend.Client;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Translates by the tables, look-up for look-up as the kernel does. */
public final class ServiceEngine {
    private final ServiceTable table;
    private final Predicate<Ip> localPod;

    /**
     * @param localPod whether an address is that of a pod of this node
     */
    public ServiceEngine(ServiceTable table, Predicate<Ip> localPod) {
        this.table = table;
        this.localPod = localPod;
    }

    public Translation translate(Query query) {
        Optional<Protocol> protocol =
                Arrays.stream(Protocol.values())
                        .filter(p -> p.number() == query.protocol())
                        .findFirst();
        // what has no ports is no service's
        FrontendKey exact =
                new FrontendKey(query.to(), query.port(), protocol.orElse(Protocol.TCP));
        FrontendKey key =
                !table.frontends().containsKey(exact)
                                && table.vantage().nodePortAddresses().contains(query.to())
                        ? FrontendKey.nodePort(query.to().isV4(), exact.port(), exact.protocol())
                        : exact;
        Frontend frontend = protocol.isEmpty() ? null : table.frontends().get(key);
        if (frontend != null) {
            return translate(query, key, frontend);
        }
        if (table.clusterIps().containsKey(query.to())) {
            return new Rejected(exact, Optional.empty());
        }
        if (table.reserved().stream().anyMatch(cidr -> cidr.contains(query.to()))) {
            return new Dropped(exact, Reason.NO_SERVICE);
        }
        return new NotAService();
    }

    private Translation translate(Query query, FrontendKey key, Frontend frontend) {
        if (!frontend.admits(query.from())) {
            return new Dropped(key, Reason.SOURCE_RANGE);
        }
        Client client = client(query.from());
        BackendSet set = table.sets().get(frontend.set(client));
        if (set == null) {
            throw new IllegalStateException("the tables do not hold " + frontend.set(client));
        }
        if (set.backends().isEmpty()) {
            return set.whenEmpty() == WhenEmpty.REJECT
                    ? new Rejected(key, Optional.of(frontend))
                    : new Dropped(key, Reason.NO_LOCAL_ENDPOINT);
        }
        List<Target> targets =
                set.backends().stream()
                        .map(backend ->
                                new Target(
                                        backend,
                                        isMasqueraded(frontend, client, query.from())
                                                || backend.ip().equals(query.from())))
                        .toList();
        return new ToBackends(key, frontend, set.id(), client, targets);
    }

    private boolean isMasqueraded(Frontend frontend, Client client, Ip from) {
        return frontend.masquerade().of(client)
                || (client == Client.OUTSIDE && frontend.direct() && table.cluster().holds(from));
    }

    /** {@return where a client is, as this node sees it} */
    Client client(Ip ip) {
        if (table.vantage().addresses().contains(ip)) {
            return Client.NODE;
        }
        return localPod.test(ip) || table.vantage().holdsPod(ip) ? Client.POD : Client.OUTSIDE;
    }
}
