package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.model.Expectation.Party;
import io.weft.model.Ip;
import io.weft.model.ManifestReader;
import io.weft.model.Ref;
import io.weft.model.Snapshot;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PartiesTest {
    private static final Snapshot SNAPSHOT =
            Snapshot.of(
                    new ManifestReader()
                            .offline()
                            .readTexts(
                                    Map.of(
                                            "pods.yaml",
                                            """
                                            {apiVersion: v1, kind: Pod, metadata: {name: web}}
                                            ---
                                            {apiVersion: v1, kind: Pod, metadata: {name: web, namespace: shop}}
                                            ---
                                            {apiVersion: v1, kind: Pod, metadata: {name: db, namespace: shop}}
                                            ---
                                            {apiVersion: v1, kind: Pod, metadata: {name: api, namespace: shop}}
                                            ---
                                            {apiVersion: v1, kind: Pod, metadata: {name: api, namespace: data}}
                                            """)));

    private static Party pod(String namespace, String name) {
        return new Party.OfPod(Ref.pod(namespace, name));
    }

    @Test
    void findsAddresses() {
        assertThat(Parties.find(SNAPSHOT, "10.77.0.2"))
                .isEqualTo(new Party.OfIp(Ip.parse("10.77.0.2")));
        assertThat(Parties.find(SNAPSHOT, "fd77::2"))
                .isEqualTo(new Party.OfIp(Ip.parse("fd77::2")));
    }

    @Test
    void findsPodsByNamespaceAndName() {
        assertThat(Parties.find(SNAPSHOT, "shop/web")).isEqualTo(pod("shop", "web"));
        assertThat(Parties.find(SNAPSHOT, "data/web")).isEqualTo(pod("data", "web"));
    }

    @Test
    void findsAPodByNameInTheDefaultNamespaceFirst() {
        assertThat(Parties.find(SNAPSHOT, "web")).isEqualTo(pod("default", "web"));
    }

    @Test
    void findsAPodByNameAloneWhenItIsTheOnlyOne() {
        assertThat(Parties.find(SNAPSHOT, "db")).isEqualTo(pod("shop", "db"));
    }

    @Test
    void asksWhichWhenSeveralHaveTheName() {
        assertThatThrownBy(() -> Parties.find(SNAPSHOT, "api"))
                .isInstanceOfSatisfying(
                        NodeException.class,
                        e -> assertThat(e.cause()).isEqualTo(NodeException.Cause.INPUT))
                .hasMessage("which 'api': data/api, shop/api?");
    }
}
