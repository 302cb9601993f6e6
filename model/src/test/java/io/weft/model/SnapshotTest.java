package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SnapshotTest {
    private static final Pod WEB = pod("shop", "web");
    private static final Pod DB = pod("data", "db");
    private static final Namespace SHOP =
            new Namespace("shop", Labels.of(Map.of("team", "red")), Source.NONE);
    private static final NetworkPolicy POLICY =
            new NetworkPolicy(
                    new Ref(Kind.NETWORK_POLICY, "shop", "p"),
                    LabelSelector.EVERYTHING,
                    true,
                    false,
                    List.of(),
                    List.of(),
                    Source.NONE);
    private static final Expectation EXPECTATION =
            new Expectation(
                    new Ref(Kind.EXPECTATION, "shop", "e"),
                    new Party.OfPod(WEB.ref()),
                    new Party.OfPod(DB.ref()),
                    Protocol.TCP,
                    "80",
                    true,
                    Source.NONE);

    private static final Node NODE =
            new Node("node-1", Labels.EMPTY, List.of(Ip.parse("192.0.2.1")), Source.NONE);
    private static final Service SERVICE =
            new Service(
                    new Ref(Kind.SERVICE, "data", "db"),
                    Labels.EMPTY,
                    Optional.empty(),
                    false,
                    List.of(),
                    List.of(),
                    Source.NONE);
    private static final ServiceCidr SERVICE_CIDR =
            new ServiceCidr("kubernetes", List.of(Prefix.parse("10.96.0.0/12")), Source.NONE);
    private static final EndpointSlice SLICE =
            new EndpointSlice(
                    new Ref(Kind.ENDPOINT_SLICE, "data", "db-1"),
                    Optional.of(SERVICE.ref()),
                    true,
                    List.of(),
                    List.of(),
                    Source.NONE);
    private static final ClusterNetworkPolicy CLUSTER_POLICY =
            new ClusterNetworkPolicy(
                    new Ref(Kind.CLUSTER_NETWORK_POLICY, "", "p"),
                    ClusterNetworkPolicy.Tier.ADMIN,
                    0,
                    new Subject.Nodes(LabelSelector.EVERYTHING),
                    List.of(),
                    List.of(),
                    Source.NONE);
    private static final CiliumNetworkPolicy CILIUM_POLICY =
            new CiliumNetworkPolicy(
                    new Ref(Kind.CILIUM_NETWORK_POLICY, "shop", "p"), List.of(), Source.NONE);
    private static final CiliumNetworkPolicy CLUSTERWIDE_POLICY =
            new CiliumNetworkPolicy(
                    new Ref(Kind.CILIUM_CLUSTERWIDE_NETWORK_POLICY, "", "p"),
                    List.of(),
                    Source.NONE);
    private static final IpamClaim CLAIM =
            new IpamClaim(
                    new Ref(Kind.IPAM_CLAIM, "shop", "vm"),
                    "tenant",
                    "net1",
                    List.of(),
                    Source.NONE);
    private static final List<Resource> EVERYTHING =
            List.of(
                    SHOP,
                    NODE,
                    WEB,
                    SERVICE_CIDR,
                    SERVICE,
                    SLICE,
                    POLICY,
                    CLUSTER_POLICY,
                    CILIUM_POLICY,
                    CLUSTERWIDE_POLICY,
                    CLAIM,
                    EXPECTATION);

    private static Pod pod(String namespace, String name) {
        return new Pod(
                Ref.pod(namespace, name),
                Labels.EMPTY,
                List.of(),
                List.of(),
                List.of(),
                false,
                false,
                Source.NONE);
    }

    @Test
    void iteratesByNameWhateverTheOrderOfInput() {
        assertThat(Snapshot.of(List.of(WEB, DB)).pods().values()).containsExactly(DB, WEB);
        assertThat(Snapshot.of(List.of(DB, WEB)).pods().values()).containsExactly(DB, WEB);
    }

    @Test
    void findsEveryKind() {
        assertThat(EVERYTHING).extracting(r -> r.ref().kind()).containsExactly(Kind.values());
        Snapshot snapshot = Snapshot.of(EVERYTHING);

        for (Resource resource : EVERYTHING) {
            assertThat(snapshot.find(resource.ref())).contains(resource);
            assertThat(Snapshot.EMPTY.find(resource.ref())).isEmpty();
        }
    }

    @Test
    void applyingADeltaLeavesTheOldSnapshotAsItWas() {
        Snapshot before = Snapshot.of(List.of(SHOP, WEB));

        Snapshot after = before.apply(new Delta(List.of(DB), List.of(WEB.ref())));

        assertThat(before.pods()).containsOnlyKeys(WEB.ref());
        assertThat(after.pods()).containsOnlyKeys(DB.ref());
        assertThat(after.namespaces()).containsOnlyKeys("shop");
        assertThatThrownBy(() -> after.pods().clear())
                .isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void removalsComeFirstAndNeedNothingToRemove() {
        Snapshot after = Snapshot.EMPTY.apply(new Delta(List.of(WEB), List.of(WEB.ref())));

        assertThat(after.pods()).containsOnlyKeys(WEB.ref());
    }

    @Test
    void theDeltaBetweenTwoSnapshotsTurnsOneIntoTheOther() {
        Snapshot before = Snapshot.of(List.of(SHOP, WEB, POLICY));
        Pod changed = WEB.withLabels(Labels.EMPTY.with("app", "web"));
        Snapshot after = Snapshot.of(List.of(SHOP, changed, DB, EXPECTATION));

        Delta delta = Delta.between(before, after);

        assertThat(delta.put()).containsExactlyInAnyOrder(changed, DB, EXPECTATION);
        assertThat(delta.removed()).containsExactly(POLICY.ref());
        assertThat(Delta.between(before.apply(delta), after).isEmpty()).isTrue();
        assertThat(Delta.between(after, after)).isEqualTo(Delta.NONE);
    }

    @Test
    void aDeltaHoldsEveryKind() {
        Snapshot snapshot = Snapshot.of(EVERYTHING);

        assertThat(Delta.between(Snapshot.EMPTY, snapshot).put())
                .containsExactlyInAnyOrderElementsOf(EVERYTHING);
        Delta away = Delta.between(snapshot, Snapshot.EMPTY);
        assertThat(away.removed())
                .containsExactlyInAnyOrderElementsOf(
                        EVERYTHING.stream().map(Resource::ref).toList());
        assertThat(Delta.between(snapshot.apply(away), Snapshot.EMPTY)).isEqualTo(Delta.NONE);
    }

    @Test
    void aServiceThatChangesInOnePartIsPutAlone() {
        Service moved =
                SERVICE.withAddresses(
                        SERVICE.addresses().withCluster(List.of(Ip.parse("10.96.0.9"))));

        Delta delta =
                Delta.between(
                        Snapshot.of(EVERYTHING),
                        Snapshot.of(EVERYTHING).apply(Delta.put(List.of(moved))));

        assertThat(delta).isEqualTo(Delta.put(List.of(moved)));
    }

    @Test
    void everyNamespaceHasItsNameAsALabel() {
        Snapshot snapshot = Snapshot.of(List.of(SHOP));

        assertThat(snapshot.namespaceLabels("shop"))
                .hasToString("kubernetes.io/metadata.name=shop,team=red");
        assertThat(snapshot.namespaceLabels("undeclared"))
                .hasToString("kubernetes.io/metadata.name=undeclared");
    }
}
