package io.weft.advisor;

import io.weft.claims.Claim;
import io.weft.claims.Claims;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The document's decision tree (12), walked with a need. */
public final class DecisionTree {
    /**
     * @param leaf row of table 12 where the walk ends; nothing when the need does not say enough
     */
    public record Path(List<Step> steps, Optional<String> leaf) {
        public Path {
            steps = List.copyOf(steps);
        }
    }

    /**
     * A question and its answer.
     *
     * @param others the answers that were not given
     */
    public record Step(Words question, Words answer, List<Words> others, Words because) {
        public Step {
            others = List.copyOf(others);
        }
    }

    private static final Words YES = new Words("yes", "是");
    private static final Words NO = new Words("no", "否");

    private final Claims claims;
    private final List<Step> steps = new ArrayList<>();

    private DecisionTree(Claims claims) {
        this.claims = claims;
    }

    static Path walk(Need need, Claims claims) {
        DecisionTree tree = new DecisionTree(claims);
        Optional<String> leaf = tree.network(need);
        return new Path(tree.steps, need.regulated() ? leaf : tree.mesh(need, leaf));
    }

    private Optional<String> network(Need need) {
        if (yesNo(new Words("Regulated?", "受监管？"), need.regulated(), "regulation")) {
            return Optional.of("regulated");
        }
        Words extreme = new Words("extreme", "极致");
        Words general = new Words("general", "通用");
        Optional<Words> why = extreme(need);
        steps.add(
                new Step(
                        new Words("Performance?", "性能？"),
                        why.isPresent() ? extreme : general,
                        List.of(why.isPresent() ? general : extreme),
                        why.orElse(
                                new Words(
                                        "within 9.2/bridge: a container on a bridge",
                                        "不超过 9.2/bridge（容器桥接）"))));
        if (why.isPresent()) {
            boolean nfv = yesNo(new Words("NFV?", "NFV？"), need.nfv(), "nfv");
            return Optional.of(nfv ? "extreme-nfv" : "extreme");
        }
        List<Words> teams =
                new ArrayList<>(
                        List.of(
                                team(Team.KERNEL_EXPERTS),
                                team(Team.APPLICATION_DEVELOPERS),
                                team(Team.TRADITIONAL_OPERATIONS)));
        teams.remove(team(need.team()));
        steps.add(
                new Step(
                        new Words("Team skill?", "团队能力？"),
                        team(need.team()),
                        teams,
                        Words.same("team")));
        return switch (need.team()) {
            case KERNEL_EXPERTS -> Optional.of("kernel-experts");
            case APPLICATION_DEVELOPERS -> Optional.of("app-developers");
            case TRADITIONAL_OPERATIONS -> Optional.of("traditional-operations");
            case UNKNOWN -> Optional.empty();
        };
    }

    private Optional<String> mesh(Need need, Optional<String> network) {
        if (!yesNo(new Words("Service mesh?", "服务网格？"), need.mesh().needed(), "mesh.needed")) {
            return network;
        }
        boolean limited =
                yesNo(
                        new Words("Resource-limited?", "资源受限？"),
                        need.mesh().resourceLimited(),
                        "mesh.resourceLimited");
        return Optional.of(limited ? "mesh-limited" : "mesh");
    }

    private boolean yesNo(Words question, boolean yes, String field) {
        steps.add(new Step(question, yes ? YES : NO, List.of(yes ? NO : YES), Words.same(field)));
        return yes;
    }

    static Words team(Team team) {
        return switch (team) {
            case KERNEL_EXPERTS -> new Words("kernel experts", "内核专家");
            case APPLICATION_DEVELOPERS -> new Words("application developers", "应用开发");
            case TRADITIONAL_OPERATIONS -> new Words("traditional operations", "传统运维");
            case UNKNOWN -> new Words("not stated", "未说明");
        };
    }

    /** {@return why the performance is extreme: more than a container on a bridge gives (9.2)} */
    private Optional<Words> extreme(Need need) {
        double latency = figure("9.2/bridge/latency").range().low().orElseThrow();
        double throughput = figure("9.2/bridge/throughput").range().high().orElseThrow();
        if (need.nfv()) {
            return Optional.of(Words.same("nfv"));
        }
        if (need.performance().latency().orElse(Double.MAX_VALUE) < latency) {
            return Optional.of(
                    Words.same("latency < " + Numbers.plain(latency) + " us (9.2/bridge)"));
        }
        if (need.performance().throughput().orElse(0) > throughput) {
            return Optional.of(
                    Words.same("throughput > " + Numbers.plain(throughput) + " Gbps (9.2/bridge)"));
        }
        return Optional.empty();
    }

    private Claim.Amount figure(String id) {
        return claims.claim(id).flatMap(Claim::figure).orElseThrow();
    }
}
