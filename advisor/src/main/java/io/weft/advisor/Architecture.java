package io.weft.advisor;

import io.weft.claims.Words;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One way to build it: an entry of {@code architectures.yaml}.
 *
 * @param technology what it is made of
 * @param priced by which column of the document's table 10.2
 * @param leaves rows of the document's decision tree (12) that it is
 * @param scenes rows of the document's scene table (10.1) that it is
 * @param figures what can be expected of it
 * @param needs what the machine must have
 * @param skill knowledge of networks and kernels that it takes
 * @param scores judgements, each with its reason
 * @param debt row of the document's table 10.3
 * @param depends forecasts (11) that it depends on
 * @param extras what the document gives no price for
 * @param weft whether Weft itself does it today
 */
public record Architecture(
        String id,
        Words title,
        Words technology,
        Priced priced,
        Isolation isolation,
        Workloads runs,
        List<String> leaves,
        List<String> scenes,
        Map<Quantity, FigureSource> figures,
        List<Capability> needs,
        Optional<String> kernel,
        boolean nfv,
        Mesh mesh,
        Segmentation segmentation,
        boolean severalNetworks,
        Skill skill,
        Map<Criterion, Judgement> scores,
        String debt,
        Words owes,
        List<String> depends,
        List<String> extras,
        boolean weft) {
    public Architecture {
        leaves = List.copyOf(leaves);
        scenes = List.copyOf(scenes);
        figures = Map.copyOf(figures);
        needs = List.copyOf(needs);
        scores = Map.copyOf(scores);
        depends = List.copyOf(depends);
        extras = List.copyOf(extras);
    }

    /** A column of table 10.2, or both of them mixed. */
    public enum Priced {
        VM,
        CONTAINER,
        HYBRID
    }

    public enum Skill {
        LOW,
        MEDIUM,
        HIGH
    }

    public enum Mesh {
        /** Its packets go past where a mesh would take them. */
        NONE,
        /** A mesh can be added. */
        ADDABLE,
        /** It has one, with a proxy in each pod. */
        SIDECAR,
        /** It has one, without. */
        SIDECARLESS
    }

    public enum Segmentation {
        /** Nothing enforces policy between workloads. */
        NONE,
        /** By hand: VLANs, port groups, rules on a firewall. */
        MANUAL,
        /** By policies as code, default deny. */
        ENFORCED
    }

    /** What is expected in figures. */
    public enum Quantity {
        LATENCY,
        THROUGHPUT,
        HOST_THROUGHPUT,
        START,
        MEMORY,
        PER_HOST,
        SERVICES
    }

    /**
     * Where a figure comes from.
     *
     * @param claim id of a claim
     * @param change id of a claim of a change in percent, which the figure is multiplied by
     * @param add ids of claims that are added: the least of them to its low end, the most to its
     *     high
     * @param metric that measures the same, instead of the claim's own
     */
    public record FigureSource(
            String claim, Optional<String> change, List<String> add, Optional<String> metric) {
        public FigureSource {
            add = List.copyOf(add);
        }

        boolean isModel() {
            return change.isPresent() || !add.isEmpty();
        }
    }

    /**
     * A score that no figure gives.
     *
     * @param value 0–1
     * @param claim id of a claim that says so; without one it is Weft's own judgement
     */
    public record Judgement(double value, Words why, Optional<String> claim) {}
}
