package io.weft.compiler;

import io.weft.compiler.Translation.Dropped;
import io.weft.compiler.Translation.NotAService;
import io.weft.compiler.Translation.Rejected;
import io.weft.compiler.Translation.Target;
import io.weft.compiler.Translation.ToBackends;
import io.weft.tables.Frontend;
import io.weft.tables.Frontend.Client;
import io.weft.tables.Frontend.Exposure;
import java.util.stream.Collectors;

/** What is said of services. */
final class ServiceWords {
    private ServiceWords() {}

    /** {@return what services make of a flow, in a line} */
    static String outcome(Translation translation) {
        return switch (translation) {
            case NotAService() -> "no service is there";
            case Rejected(var key, var frontend) ->
                    "rejected: "
                            + frontend.map(f -> port(f) + " has no endpoint that can be used")
                                    .orElseGet(() ->
                                            "the service at "
                                                    + key.ip()
                                                    + " has no port "
                                                    + key.port()
                                                    + "/"
                                                    + key.protocol());
            case Dropped(var key, var reason) -> "dropped: " + key + ": " + reason.text();
            case ToBackends to ->
                    to.targets().stream()
                            .map(Target::backend)
                            .map(Object::toString)
                            .collect(Collectors.joining(", "));
        };
    }

    /** {@return {@code Service shop/web, port http}} */
    static String port(Frontend frontend) {
        return frontend.service()
                + (frontend.port().isEmpty() ? "" : ", port " + frontend.port() + ",");
    }

    static String exposure(Exposure exposure) {
        return switch (exposure) {
            case CLUSTER_IP -> "cluster IP";
            case EXTERNAL_IP -> "external IP";
            case LOAD_BALANCER -> "load balancer address";
            case NODE_PORT -> "node port";
            case HOST_PORT -> "host port";
        };
    }

    static String client(Client client) {
        return switch (client) {
            case POD -> "a pod of this node";
            case NODE -> "this node itself";
            case OUTSIDE -> "outside this node";
        };
    }
}
