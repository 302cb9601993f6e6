package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.testing.KernelTest;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Least kernel of Weft is 6.1: what it needs must be found. */
@KernelTest
class FeatureProbeTest {
    private static final int REDIRECT_PEER = 155;
    private static final int GET_STACK = 67;

    @ParameterizedTest
    @EnumSource(
            value = ProgramType.class,
            names = {
                "SOCKET_FILTER",
                "SCHED_CLS",
                "XDP",
                "CGROUP_SKB",
                "CGROUP_SOCK",
                "CGROUP_SOCK_ADDR",
                "SOCK_OPS",
                "SK_MSG",
                "SK_SKB",
                "SK_LOOKUP"
            })
    void networkProgramsAreThere(ProgramType type) {
        assertThat(FeatureProbe.supports(type)).isTrue();
    }

    @ParameterizedTest
    @EnumSource(MapType.class)
    void eachMapTypeCanBeTriedOrSaysWhyNot(MapType type) {
        Set<MapType> needTypes =
                Set.of(
                        MapType.SK_STORAGE,
                        MapType.STRUCT_OPS,
                        MapType.INODE_STORAGE,
                        MapType.TASK_STORAGE,
                        MapType.CGRP_STORAGE,
                        MapType.ARENA);
        if (needTypes.contains(type)) {
            assertThatThrownBy(() -> FeatureProbe.supports(type))
                    .isInstanceOf(IllegalArgumentException.class);
            return;
        }
        boolean there = FeatureProbe.supports(type);
        Set<MapType> ours =
                Set.of(
                        MapType.HASH,
                        MapType.ARRAY,
                        MapType.PERCPU_HASH,
                        MapType.PERCPU_ARRAY,
                        MapType.LRU_HASH,
                        MapType.LPM_TRIE,
                        MapType.PROG_ARRAY,
                        MapType.ARRAY_OF_MAPS,
                        MapType.HASH_OF_MAPS,
                        MapType.RINGBUF,
                        MapType.SOCKMAP,
                        MapType.SOCKHASH,
                        MapType.QUEUE);
        assertThat(there || !ours.contains(type)).as("%s: %s", type, there).isTrue();
    }

    @Test
    void helpersDependOnTheProgram() {
        assertThat(FeatureProbe.supportsHelper(ProgramType.SCHED_CLS, REDIRECT_PEER)).isTrue();
        assertThat(FeatureProbe.supportsHelper(ProgramType.XDP, REDIRECT_PEER)).isFalse();
        assertThat(FeatureProbe.supportsHelper(ProgramType.XDP, GET_STACK)).isFalse();
        assertThat(FeatureProbe.supportsHelper(ProgramType.XDP, 9999)).isFalse();
    }
}
