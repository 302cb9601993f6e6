package io.weft.advisor;

import io.weft.claims.Claims;
import java.util.Optional;

/** Needs of tests. */
final class Needs {
    private Needs() {}

    static Need of(String yaml) {
        return new NeedReader(Claims.load()).parse("need.yaml", yaml);
    }

    static Need withoutScene(Need n) {
        return new Need(
                n.regulated(),
                n.isolation(),
                n.performance(),
                n.scale(),
                n.nfv(),
                n.team(),
                n.workloads(),
                n.existing(),
                n.mesh(),
                n.networks(),
                n.security(),
                Optional.empty(),
                n.hardware(),
                n.money(),
                n.weights(),
                n.applications());
    }
}
