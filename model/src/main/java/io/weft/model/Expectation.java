package io.weft.model;

import java.util.Optional;

/**
 * What the author says should hold; {@code up --once} and {@code check} test it.
 *
 * <pre>
 *   apiVersion: weft.io/v1alpha1
 *   kind: Expectation
 *   metadata: {name: frontend-reaches-backend}
 *   spec:
 *     from: frontend       # pod, namespace/pod, or an IP address
 *     to: backend          # the same, service/NAME or service/NAMESPACE/NAME
 *     port: 8080           # number, or the name of a port of the destination
 *     protocol: TCP        # the default
 *     verdict: allow       # or deny
 * </pre>
 *
 * @param port a number as text, or a port name
 */
public record Expectation(
        Ref ref, Party from, Party to, Protocol protocol, String port, boolean allow, Source source)
        implements Resource {

    /** One end of a flow. */
    public sealed interface Party {
        record OfPod(Ref pod) implements Party {
            /** {@return {@code shop/web}} */
            @Override
            public String toString() {
                return pod.path();
            }
        }

        record OfIp(Ip ip) implements Party {
            @Override
            public String toString() {
                return ip.toString();
            }
        }

        /** Whichever backend it chooses. */
        record OfService(Ref service) implements Party {
            /** {@return {@code service/shop/web}} */
            @Override
            public String toString() {
                return SERVICE_PREFIX + service.path();
            }
        }

        /** What a service begins with; so no namespace of pods can be called that here. */
        String SERVICE_PREFIX = "service/";

        /**
         * Reads {@code web}, {@code shop/web}, {@code 10.0.0.1}, {@code service/web} or {@code
         * service/shop/web}.
         *
         * @param namespace of a pod or service written without one
         */
        static Party parse(String text, String namespace) {
            Optional<Ip> ip = Ip.tryParse(text);
            if (ip.isPresent()) {
                return new OfIp(ip.get());
            }
            if (text.startsWith(SERVICE_PREFIX)) {
                return new OfService(
                        named(Kind.SERVICE, text.substring(SERVICE_PREFIX.length()), namespace));
            }
            return new OfPod(named(Kind.POD, text, namespace));
        }

        private static Ref named(Kind kind, String text, String namespace) {
            int slash = text.indexOf('/');
            return slash < 0
                    ? new Ref(kind, namespace, text)
                    : new Ref(kind, text.substring(0, slash), text.substring(slash + 1));
        }
    }
}
