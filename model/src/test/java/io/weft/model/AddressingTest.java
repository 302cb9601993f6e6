package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.weft.model.Pod.Addressing;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What manifests say of how pods come by their addresses. */
class AddressingTest {
    private static String object(String kind, String annotations) {
        return "{apiVersion: v1, kind: "
                + kind
                + ", metadata: {name: web, annotations:\n {"
                + annotations
                + "}}}";
    }

    private static Resource read(String kind, String annotations) {
        return new ManifestReader().offline().read("f.yaml", object(kind, annotations)).getFirst();
    }

    private static Addressing pod(String annotations) {
        Pod pod = (Pod) read("Pod", annotations);
        return pod.withIps(List.of()).withReady(false).addressing();
    }

    private static List<String> problems(String kind, String annotations) {
        return Case.problems(new ManifestReader().offline(), object(kind, annotations));
    }

    @Test
    void aPodAsksForPoolsAndToKeepItsAddress() {
        assertThat(pod("a/b: c")).isEqualTo(Addressing.DEFAULT);
        assertThat(pod("weft.io/ip-pool: databases"))
                .isEqualTo(new Addressing(List.of("databases"), false, List.of()));
        assertThat(pod("weft.io/ip-pool: 'databases, spare', weft.io/sticky-ip: 'true'"))
                .isEqualTo(new Addressing(List.of("databases", "spare"), true, List.of()));
        assertThat(pod("weft.io/sticky-ip: 'false'")).isEqualTo(Addressing.DEFAULT);
    }

    @Test
    void aNamespaceAsksForItsPods() {
        assertThat(((Namespace) read("Namespace", "weft.io/ip-pool: 'a,b'")).pools())
                .containsExactly("a", "b");
        assertThat(((Namespace) read("Namespace", "a/b: c")).pools()).isEmpty();
    }

    @Test
    void whatIsNoNameOfAPoolIsRefused() {
        assertThat(problems("Pod", "weft.io/ip-pool: 'a,,b'"))
                .singleElement()
                .asString()
                .startsWith(
                        "f.yaml:2: Pod default/web: metadata.annotations.weft.io/ip-pool: Invalid value:"
                                + " \"a,,b\": must be names of pools with commas between: a"
                                + " lowercase RFC 1123 label");
        assertThat(problems("Pod", "weft.io/ip-pool: ''"))
                .singleElement()
                .asString()
                .contains("must be names of pools");
        assertThat(problems("Namespace", "weft.io/ip-pool: 'a,b,a'"))
                .containsExactly(
                        "f.yaml:2: Namespace web: metadata.annotations.weft.io/ip-pool: Invalid value:"
                                + " \"a,b,a\": names \"a\" twice");
        assertThat(problems("Pod", "weft.io/sticky-ip: 'yes'"))
                .containsExactly(
                        "f.yaml:2: Pod default/web: metadata.annotations.weft.io/sticky-ip: Unsupported"
                                + " value: \"yes\": supported values: \"true\", \"false\"");
    }
}
