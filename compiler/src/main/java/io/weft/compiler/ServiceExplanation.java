package io.weft.compiler;

import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.NotAService;
import io.weft.compiler.Translation.Rejected;
import io.weft.compiler.Translation.Target;
import io.weft.compiler.Translation.ToBackends;
import io.weft.model.Ip;
import io.weft.model.Pod;
import io.weft.model.Protocol;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Service;
import io.weft.tables.Backend;
import io.weft.tables.BackendSet;
import io.weft.tables.BackendSet.Scope;
import io.weft.tables.Frontend;
import io.weft.tables.Frontend.Client;
import io.weft.tables.Frontend.Exposure;
import io.weft.tables.FrontendKey;
import io.weft.tables.ServiceTable.Cluster;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What services make of a flow, and why: the answer of the tables, and beside it every endpoint
 * that was looked at, found anew.
 *
 * @param key that was looked up
 * @param client where it is; empty when it did not matter
 * @param reasons in words, in the order in which they were decided
 * @param endpoints of the port, in order of address; empty when there is no such port
 */
public record ServiceExplanation(
        Query query,
        Translation translation,
        FrontendKey key,
        Optional<Frontend> frontend,
        Optional<Client> client,
        List<String> reasons,
        List<Endpoint> endpoints) {

    /**
     * @param used whether a connection may go there
     */
    public record Endpoint(Backend backend, Optional<Ref> pod, boolean used, String why) {}

    public ServiceExplanation {
        reasons = List.copyOf(reasons);
        endpoints = List.copyOf(endpoints);
    }

    /** {@return the translation of {@code passage} with reasons; empty when no service is there} */
    public static Optional<ServiceExplanation> of(Compilation compilation, Passage passage) {
        return switch (passage.translation()) {
            case NotAService() -> Optional.empty();
            case ToBackends to ->
                    Optional.of(
                            new Finder(compilation, passage.query(), to.key())
                                    .find(to, Optional.of(to.frontend())));
            case Rejected rejected ->
                    Optional.of(
                            new Finder(compilation, passage.query(), rejected.key())
                                    .find(rejected, rejected.frontend()));
            case Dropped dropped ->
                    Optional.of(
                            new Finder(compilation, passage.query(), dropped.key())
                                    .find(
                                            dropped,
                                            Optional.ofNullable(
                                                    compilation
                                                            .tables()
                                                            .services()
                                                            .frontends()
                                                            .get(dropped.key()))));
        };
    }

    /** {@return {@code 10.0.0.1:80, 10.0.0.2:80}, or what becomes of it instead} */
    public String outcome() {
        return ServiceWords.outcome(translation);
    }

    /** {@return the same for people, in several lines; ends with a line break} */
    public String text() {
        StringBuilder text = new StringBuilder();
        text.append("%s -> %s: %s%n".formatted(query.from(), key, outcome()));
        reasons.forEach(reason -> text.append("  %s%n".formatted(reason)));
        for (Endpoint endpoint : endpoints) {
            text.append(
                    "  %s %s%s: %s%n"
                            .formatted(
                                    endpoint.used() ? "yes" : "no ",
                                    endpoint.backend(),
                                    endpoint.pod().map(p -> " (" + p.path() + ")").orElse(""),
                                    endpoint.why()));
        }
        return text.toString();
    }

    /** Finds the reasons of one translation. */
    private static final class Finder {
        private final Compilation compilation;
        private final Query query;
        private final FrontendKey key;
        private final List<String> reasons = new ArrayList<>();

        Finder(Compilation compilation, Query query, FrontendKey key) {
            this.compilation = compilation;
            this.query = query;
            this.key = key;
        }

        ServiceExplanation find(Translation translation, Optional<Frontend> frontend) {
            Optional<Client> client = frontend.map(_ -> compilation.clientOfServices(query.from()));
            List<Endpoint> endpoints = List.of();
            if (frontend.isEmpty()) {
                unknown(translation);
            } else {
                Frontend there = frontend.get();
                Resource owner = compilation.snapshot().find(there.service()).orElse(null);
                if (owner instanceof Service service) {
                    found(service, there, client.orElseThrow(), translation);
                    endpoints = endpoints(service, there, client.orElseThrow(), translation);
                } else if (owner instanceof Pod pod && translation instanceof ToBackends to) {
                    endpoints = hostPort(pod, to);
                } else {
                    throw new IllegalStateException("the tables name " + there.service());
                }
            }
            return new ServiceExplanation(
                    query, translation, key, frontend, client, reasons, endpoints);
        }

        private void unknown(Translation translation) {
            if (translation instanceof Rejected) {
                Ref owner = compilation.tables().services().clusterIps().get(query.to());
                String source =
                        Optional.ofNullable(owner)
                                .flatMap(compilation.snapshot()::find)
                                .map(service -> " (" + service.source() + ")")
                                .orElse("");
                reasons.add(
                        "%s is the cluster IP of %s%s, which has no port %s: %s"
                                .formatted(query.to(), owner, source, query.what(), refusal()));
            } else {
                reasons.add("a ServiceCIDR holds %s, and no service has it".formatted(query.to()));
            }
        }

        private String refusal() {
            return key.protocol() == Protocol.TCP
                    ? "the client gets a TCP reset"
                    : "the client gets ICMP port unreachable";
        }

        private List<Endpoint> hostPort(Pod pod, ToBackends to) {
            reasons.add(
                    "%s is a %s of %s, port %s (%s)"
                            .formatted(
                                    key,
                                    ServiceWords.exposure(to.frontend().exposure()),
                                    pod.ref(),
                                    to.frontend().port(),
                                    pod.source()));
            reasons.add("the client is " + ServiceWords.client(to.client()));
            reasons.add(whoIsSeen(to));
            return to.targets().stream()
                    .map(target ->
                            new Endpoint(
                                    target.backend(),
                                    Optional.of(pod.ref()),
                                    true,
                                    "it is the pod"))
                    .toList();
        }

        private void found(
                Service service, Frontend frontend, Client client, Translation translation) {
            reasons.add(
                    "%s is the %s of %s%s (%s)"
                            .formatted(
                                    key,
                                    ServiceWords.exposure(frontend.exposure()),
                                    frontend.service(),
                                    frontend.port().isEmpty() ? "" : ", port " + frontend.port(),
                                    service.source()));
            reasons.add("the client is " + ServiceWords.client(client));
            if (!frontend.sourceRanges().isEmpty()) {
                reasons.add(
                        "loadBalancerSourceRanges %s: the client is %s"
                                .formatted(
                                        frontend.sourceRanges(),
                                        frontend.admits(query.from())
                                                ? "in them"
                                                : "in none of them"));
            }
            if (!frontend.admits(query.from())) {
                return;
            }
            policy(service, frontend, client);
            switch (translation) {
                case ToBackends to -> chosen(service, to);
                case Rejected _ -> reasons.add("no endpoint can be used, on no node: " + refusal());
                case Dropped _ ->
                        reasons.add(
                                "there are endpoints elsewhere, but none on this node: silence, so"
                                        + " that other nodes can answer");
                case NotAService() -> {}
            }
        }

        private void policy(Service service, Frontend frontend, Client client) {
            Scope scope = frontend.set(client).scope();
            String field =
                    frontend.exposure() == Exposure.CLUSTER_IP
                            ? "internalTrafficPolicy"
                            : "externalTrafficPolicy";
            boolean local =
                    frontend.exposure() == Exposure.CLUSTER_IP
                            ? service.routing().internalLocal()
                            : service.routing().externalLocal();
            reasons.add(
                    field
                            + (scope == Scope.LOCAL
                                    ? ": Local: only endpoints on this node"
                                    : local
                                            ? ": Local, which does not bind clients on the node:"
                                                    + " endpoints on every node"
                                            : ": Cluster: endpoints on every node"));
        }

        private void chosen(Service service, ToBackends to) {
            int n = to.targets().size();
            reasons.add(
                    n == 1
                            ? "one endpoint can be used"
                            : switch (service.routing().balancing()) {
                                case RANDOM ->
                                        "each connection goes to one of %d, chosen at random"
                                                .formatted(n);
                                case MAGLEV ->
                                        ("each connection goes to one of %d, by a hash of its"
                                                        + " addresses and ports (Maglev)")
                                                .formatted(n);
                            });
            to.frontend()
                    .affinity()
                    .ifPresent(time ->
                            reasons.add(
                                    "sessionAffinity: ClientIP: the client keeps it for %d s"
                                            .formatted(time.toSeconds())));
            reasons.add(whoIsSeen(to));
            if (to.frontend().direct()) {
                direct(to);
            }
        }

        /**
         * What {@code weft.io/forwarding-mode: dsr} means for this client, and where it cannot
         * work.
         */
        private void direct(ToBackends to) {
            String mode = "weft.io/forwarding-mode: dsr";
            if (to.client() != Client.OUTSIDE) {
                reasons.add(
                        mode
                                + " is for clients outside: this one is "
                                + ServiceWords.client(to.client()));
                return;
            }
            if (cluster().holds(query.from())) {
                reasons.add(mode + " is for clients outside the cluster: this one is of it");
                return;
            }
            boolean here = to.targets().stream().allMatch(t -> t.backend().local());
            reasons.add(
                    mode
                            + (here
                                    ? ": every endpoint is on this node, which answers itself"
                                    : ": direct server return: no masquerade, and the node of an"
                                            + " endpoint elsewhere answers the client itself"));
            if (!here && key.isNodePort() && !cluster().holds(query.to())) {
                reasons.add(
                        ("no Node has the address %s: other nodes take nothing for its node ports;"
                                        + " add it to the Node's status.addresses")
                                .formatted(query.to()));
            }
        }

        private Cluster cluster() {
            return compilation.tables().services().cluster();
        }

        /** {@return what is to be added of an endpoint that no node is known to serve} */
        private String foreign(Endpoints.Considered endpoint, Frontend frontend, Client client) {
            boolean direct =
                    frontend.direct() && client == Client.OUTSIDE && !cluster().holds(query.from());
            Ip ip = endpoint.backend().ip();
            boolean known =
                    endpoint.backend().local()
                            || endpoint.pod().isPresent()
                            || compilation.owner(ip).isPresent()
                            || cluster().holds(ip);
            return direct && endpoint.chosen() && !known
                    ? "; direct server return: it is no pod and no Node's, so it has to take"
                            + " IP-in-IP apart and to serve at the service's address itself"
                    : "";
        }

        private static String whoIsSeen(ToBackends to) {
            boolean ofCluster =
                    to.frontend().direct()
                            && to.client() == Client.OUTSIDE
                            && to.targets().stream().allMatch(Target::masquerade);
            if (ofCluster || to.frontend().masquerade().of(to.client())) {
                return "the endpoint sees the node's address, so that answers come back this way";
            }
            return to.targets().stream().anyMatch(Target::masquerade)
                    ? "an endpoint that connects to itself sees the node's address"
                    : "the endpoint sees the client's own address";
        }

        private List<Endpoint> endpoints(
                Service service, Frontend frontend, Client client, Translation translation) {
            if (!frontend.admits(query.from())) {
                return List.of(); // none was looked at
            }
            Optional<Service.Port> port =
                    service.ports().stream()
                            .filter(p ->
                                    p.name().equals(frontend.port())
                                            && p.protocol() == key.protocol())
                            .findFirst();
            BackendSet.Id set = frontend.set(client);
            List<Backend> chosen =
                    translation instanceof ToBackends to
                            ? to.targets().stream().map(Target::backend).toList()
                            : List.of();
            return port.stream()
                    .flatMap(p ->
                            ServiceStep.endpoints(
                                    compilation.state().services,
                                    compilation.snapshot(),
                                    service,
                                    p,
                                    set.v4())
                                    .considered(set.scope(), chosen)
                                    .stream())
                    .map(c ->
                            new Endpoint(
                                    c.backend(),
                                    c.pod().or(() -> compilation.owner(c.backend().ip())),
                                    c.chosen(),
                                    c.why() + foreign(c, frontend, client)))
                    .toList();
        }
    }
}
