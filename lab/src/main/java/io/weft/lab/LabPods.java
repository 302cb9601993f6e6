package io.weft.lab;

import io.weft.model.Ip;
import io.weft.model.Labels;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Source;
import java.util.List;
import java.util.Map;

/** Pods without containers: a namespace and an interface that the lab puts its own processes in. */
final class LabPods {
    private LabPods() {}

    static Pod pod(String name) {
        return pod(name, Map.of());
    }

    static Pod pod(String name, Map<String, String> labels) {
        return pod(name, labels, List.of());
    }

    /**
     * @param ips empty: the node gives some
     */
    static Pod pod(String name, Map<String, String> labels, List<Ip> ips) {
        return new Pod(
                Ref.pod("default", name),
                Labels.of(labels),
                ips,
                List.of(),
                List.of(),
                false,
                false,
                Source.NONE);
    }
}
