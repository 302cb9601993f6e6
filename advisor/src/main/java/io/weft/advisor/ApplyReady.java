package io.weft.advisor;

import io.weft.advisor.Need.Application;
import io.weft.claims.Language;
import io.weft.claims.Words;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Writes the configuration of an answer: what Weft has kinds for as manifests, all else as comments
 * that say so. Each namespace is closed by default and open for names; each application is open to
 * its clients, and may call those whose client it is.
 */
public final class ApplyReady {
    private final Advice advice;
    private final Language language;
    private final StringBuilder out = new StringBuilder();
    private final StringBuilder comments = new StringBuilder();

    private ApplyReady(Advice advice, Language language) {
        this.advice = advice;
        this.language = language;
    }

    /** {@return YAML that {@code weft check} accepts} */
    public static String text(Advice advice, Language language) {
        ApplyReady writer = new ApplyReady(advice, language);
        writer.write();
        return writer.out.toString();
    }

    private void write() {
        Architecture first = advice.first().orElseThrow().architecture();
        comment(
                "Written by weft advise for: " + first.title().en(),
                "由 weft advise 生成，架构：" + first.title().zh());
        missing(first)
                .forEach(w ->
                        comment("Weft does not declare yet: " + w.en(), "Weft 目前尚不能声明：" + w.zh()));
        List<Application> applications = advice.need().applications();
        if (applications.isEmpty()) {
            comment(
                    "The need names no applications; this closes one namespace by default.",
                    "需求未列出应用；以下仅为一个命名空间设置默认拒绝。");
        }
        Set<String> namespaces = new TreeSet<>();
        applications.forEach(a -> namespaces.add(a.namespace()));
        if (namespaces.isEmpty()) {
            namespaces.add("workloads");
        }
        for (String namespace : namespaces) {
            namespace(namespace);
        }
        if (advice.need().security().microSegmentation() || advice.need().regulated()) {
            baseline();
        }
        for (Application application : applications) {
            application(application, applications);
        }
    }

    private static List<Words> missing(Architecture a) {
        List<Words> missing = new ArrayList<>();
        for (Capability capability : a.needs()) {
            switch (capability) {
                case SRIOV -> missing.add(new Words("virtual functions of interfaces", "网卡的虚拟功能"));
                case DPU -> missing.add(new Words("offload to a DPU", "DPU 卸载"));
                case RDMA -> missing.add(new Words("RDMA interfaces", "RDMA 网卡"));
                case HUGE_PAGES -> missing.add(new Words("huge pages and DPDK", "大页与 DPDK"));
                case XDP -> missing.add(new Words("XDP programs at the uplink", "上行口 XDP 程序"));
                case KVM, IOMMU -> {}
            }
        }
        if (a.runs() != Workloads.CONTAINERS) {
            missing.add(
                    new Words(
                            "VMs; their VLANs and port groups stay in the tool that has them today",
                            "虚拟机；其 VLAN 与端口组仍由现有工具管理"));
        }
        if (a.mesh() == Architecture.Mesh.SIDECAR || a.mesh() == Architecture.Mesh.SIDECARLESS) {
            missing.add(new Words("mTLS and L7 rules of a mesh", "服务网格的 mTLS 与 L7 规则"));
        }
        if (a.severalNetworks()) {
            missing.add(new Words("second networks of a pod", "Pod 的第二网络"));
        }
        missing.add(new Words("bandwidth and other quality of service", "带宽等服务质量"));
        return missing;
    }

    private void namespace(String namespace) {
        if (!namespace.equals("default")) {
            document(
                    """
                    apiVersion: v1
                    kind: Namespace
                    metadata: {name: %s}
                    """
                            .formatted(quoted(namespace)));
        }
        comment(
                "Nothing comes in and nothing goes out but what policies below let.",
                "除下列策略放行外，一律拒绝进出。");
        document(
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: default-deny, namespace: %s}
                spec:
                  podSelector: {}
                  policyTypes: [Ingress, Egress]
                """
                        .formatted(quoted(namespace)));
        document(
                """
                apiVersion: networking.k8s.io/v1
                kind: NetworkPolicy
                metadata: {name: allow-dns, namespace: %s}
                spec:
                  podSelector: {}
                  policyTypes: [Egress]
                  egress:
                    - ports:
                        - {protocol: UDP, port: 53}
                        - {protocol: TCP, port: 53}
                """
                        .formatted(quoted(namespace)));
    }

    private void baseline() {
        comment(
                "For namespaces that come later, too: where no NetworkPolicy has a say, pods are closed.",
                "对以后新建的命名空间同样生效：无 NetworkPolicy 时 Pod 默认拒绝。");
        document(
                """
                apiVersion: policy.networking.k8s.io/v1alpha2
                kind: ClusterNetworkPolicy
                metadata: {name: baseline-deny}
                spec:
                  tier: Baseline
                  priority: 1000
                  subject: {namespaces: {}}
                  ingress:
                    - name: deny-other-pods
                      action: Deny
                      from: [{namespaces: {}}]
                """);
    }

    private void application(Application a, List<Application> all) {
        document(
                """
                apiVersion: v1
                kind: Service
                metadata: {name: %s, namespace: %s}
                spec:
                  selector: {app: %s}
                  ports:
                    - {port: %d, targetPort: %d, protocol: %s}
                """
                        .formatted(
                                quoted(a.name()),
                                quoted(a.namespace()),
                                quoted(a.name()),
                                a.port(),
                                a.port(),
                                a.protocol()));
        StringBuilder policy = new StringBuilder();
        policy.append("apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: ")
                .append(quoted(a.name()))
                .append(", namespace: ")
                .append(quoted(a.namespace()))
                .append("}\nspec:\n  podSelector: {matchLabels: {app: ")
                .append(quoted(a.name()))
                .append("}}\n  policyTypes: [Ingress, Egress]\n");
        List<Application> clients =
                all.stream().filter(c -> a.clients().contains(c.name())).toList();
        if (!clients.isEmpty()) {
            policy.append("  ingress:\n    - from:\n");
            clients.forEach(c -> policy.append("        - ").append(peer(c)).append('\n'));
            policy.append("      ports: [").append(port(a)).append("]\n");
        }
        List<Application> called =
                all.stream().filter(other -> other.clients().contains(a.name())).toList();
        if (!called.isEmpty()) {
            policy.append("  egress:\n");
            for (Application other : called) {
                policy.append("    - to: [").append(peer(other)).append("]\n");
                policy.append("      ports: [").append(port(other)).append("]\n");
            }
        }
        document(policy.toString());
    }

    private static String peer(Application a) {
        return "{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: "
                + quoted(a.namespace())
                + "}}, podSelector: {matchLabels: {app: "
                + quoted(a.name())
                + "}}}";
    }

    private static String port(Application a) {
        return "{protocol: " + a.protocol() + ", port: " + a.port() + "}";
    }

    /** {@return a name that YAML would otherwise take for a boolean or a number: {@code "on"}} */
    private static String quoted(String name) {
        return "\"" + name + "\"";
    }

    private void comment(String en, String zh) {
        comments.append("# ").append(new Words(en, zh).in(language)).append('\n');
    }

    private void document(String yaml) {
        if (!out.isEmpty()) {
            out.append("---\n");
        }
        out.append(comments).append(yaml);
        comments.setLength(0);
    }
}
