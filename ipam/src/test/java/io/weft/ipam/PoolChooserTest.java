package io.weft.ipam;

import static io.weft.ipam.Given.pool;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.weft.ipam.IpamException.Code;
import io.weft.ipam.PoolChooser.Asked;
import io.weft.model.LabelSelector;
import io.weft.model.LabelSelector.Operator;
import io.weft.model.LabelSelector.Requirement;
import io.weft.model.Labels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PoolChooserTest {
    private static final Labels DATA = Labels.of(Map.of("team", "data"));
    private static final LabelSelector OF_DATA =
            new LabelSelector(List.of(new Requirement("team", Operator.IN, List.of("data"))));

    private final PoolChooser chooser =
            new PoolChooser(
                    Pools.of(
                            pool("databases", "10.1.0.0/24"),
                            pool("default", "10.0.0.0/24"),
                            pool("dmz", "10.2.0.0/24"),
                            pool("more-databases", "10.3.0.0/24")),
                    Map.of("databases", OF_DATA, "more-databases", OF_DATA));

    private static Asked pod(String... pools) {
        return new Asked("annotation of Pod shop/web", List.of(pools));
    }

    private static Asked namespace(String... pools) {
        return new Asked("annotation of Namespace shop", List.of(pools));
    }

    private IpamException refused(List<Asked> asked, Labels labels) {
        return catchThrowableOfType(
                IpamException.class, () -> chooser.choose(asked, "shop", labels));
    }

    @Test
    void whoeverComesFirstAndAsksCounts() {
        assertThat(chooser.choose(List.of(pod(), namespace("dmz")), "shop", Labels.EMPTY))
                .containsExactly("dmz");
        assertThat(chooser.choose(List.of(pod("dmz", "default"), namespace("dmz")), "shop", DATA))
                .containsExactly("dmz", "default");
    }

    @Test
    void whenNobodyAsksPoolsSelectNamespacesAndTheFirstOtherIsForTheRest() {
        assertThat(chooser.choose(List.of(), "shop", DATA))
                .containsExactly("databases", "more-databases");
        assertThat(chooser.choose(List.of(), "shop", Labels.EMPTY)).containsExactly("default");
    }

    @Test
    void aPoolThatThereIsNotIsRefusedWithASuggestion() {
        IpamException near = refused(List.of(pod("default", "dnz")), DATA);
        assertThat(near.code()).isEqualTo(Code.UNKNOWN_POOL);
        assertThat(near)
                .hasMessage(
                        "annotation of Pod shop/web: there is no pool \"dnz\"; did you mean"
                                + " \"dmz\"?");
        assertThat(refused(List.of(pod("storage")), DATA))
                .hasMessageEndingWith("there are databases, default, dmz, more-databases");
    }

    @Test
    void aPoolOfOtherNamespacesIsRefused() {
        IpamException refused =
                refused(List.of(namespace("databases")), Labels.of(Map.of("team", "web")));
        assertThat(refused.code()).isEqualTo(Code.FORBIDDEN_POOL);
        assertThat(refused)
                .hasMessage(
                        "annotation of Namespace shop: pool \"databases\" is for namespaces of"
                                + " team=data, and shop has the labels team=web");
    }

    @Test
    void whenEachPoolSelectsSomeNamespaceMayGetNone() {
        PoolChooser strict =
                new PoolChooser(
                        Pools.of(pool("databases", "10.1.0.0/24")), Map.of("databases", OF_DATA));
        assertThat(
                        catchThrowableOfType(
                                IpamException.class,
                                () -> strict.choose(List.of(), "shop", Labels.EMPTY)))
                .hasMessageStartingWith("no pool is for pods of namespace shop");
    }
}
