package io.weft.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the annotation {@code k8s.v1.cni.cncf.io/networks} of a pod, in its form as JSON, for
 * claims of addresses; all else in it is for whoever attaches the pod (Network Custom Resource
 * Definition De-facto Standard 1.3, §4.1).
 */
final class NetworkSelectionReader {
    private static final String CLAIM = "ipam-claim-reference";

    private NetworkSelectionReader() {}

    /** {@return the claims that it names, in its order; reports what is wrong with them} */
    static List<Pod.ClaimReference> claims(Optional<Field> annotation) {
        List<Pod.ClaimReference> claims = new ArrayList<>();
        for (Field element : annotation.map(NetworkSelectionReader::elements).orElse(List.of())) {
            if (!element.has(CLAIM)) {
                continue;
            }
            element.child("ips")
                    .ifPresent(f -> f.forbidden("may not be used together with " + CLAIM));
            claims.add(
                    new Pod.ClaimReference(
                            element.requiredText("name", "the network", Names::any),
                            element.filled("interface"),
                            element.requiredText(CLAIM, "an IPAMClaim", Names::dnsSubdomain)));
        }
        return claims;
    }

    private static List<Field> elements(Field annotation) {
        boolean json = annotation.text().orElse("").strip().startsWith("[");
        return json ? annotation.json().map(Field::elements).orElse(List.of()) : List.of();
    }
}
