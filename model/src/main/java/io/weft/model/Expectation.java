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
 *     to: backend
 *     port: 8080           # number, or the name of a port of the destination pod
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

        /**
         * Reads {@code web}, {@code shop/web} or {@code 10.0.0.1}.
         *
         * @param namespace of a pod written without one
         */
        static Party parse(String text, String namespace) {
            Optional<Ip> ip = Ip.tryParse(text);
            if (ip.isPresent()) {
                return new OfIp(ip.get());
            }
            int slash = text.indexOf('/');
            return new OfPod(
                    slash < 0
                            ? Ref.pod(namespace, text)
                            : Ref.pod(text.substring(0, slash), text.substring(slash + 1)));
        }
    }
}
