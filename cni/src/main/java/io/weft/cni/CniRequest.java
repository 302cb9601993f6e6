package io.weft.cni;

import io.weft.kernel.NetNs;
import io.weft.model.Labels;
import io.weft.model.Mac;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One call of a plugin, read and valid.
 *
 * @param netns of the container, closed after the request; always there for ADD and CHECK, absent
 *     for DEL when it is gone
 */
public record CniRequest(CniEnvironment environment, NetworkConfig config, Optional<NetNs> netns) {
    /** {@return the same behind a plugin that has made the interface} */
    public CniRequest behind(CniResult made) {
        return new CniRequest(environment, config.behind(made), netns);
    }

    public AttachmentId attachment() {
        return environment.attachment();
    }

    /**
     * {@return the addresses asked for: by runtimeConfig, else args.cni, else CNI_ARGS, else ipam}
     */
    public List<IpNet> requestedIps() {
        for (List<IpNet> ips :
                List.of(
                        config.runtime().ips(),
                        config.args().ips(),
                        environment.args().ips(),
                        config.ipam().addresses())) {
            if (!ips.isEmpty()) {
                return ips;
            }
        }
        return List.of();
    }

    /** {@return the MAC asked for: by runtimeConfig, else args.cni, else CNI_ARGS} */
    public Optional<Mac> requestedMac() {
        return config.runtime()
                .mac()
                .or(() -> config.args().mac())
                .or(() -> environment.args().mac());
    }

    /** {@return the pool asked for: by ipam, else by the config} */
    public Optional<String> pool() {
        return config.ipam().pool().or(() -> config.weft().pool());
    }

    /** {@return whose policies hold: the pod's namespace, else the config's} */
    public String namespace() {
        return environment.args().podNamespace().orElse(config.weft().namespace());
    }

    /** {@return those of the config, and over them those of args.cni} */
    public Labels labels() {
        Labels labels = config.weft().labels();
        for (Map.Entry<String, String> label : config.args().labels().asMap().entrySet()) {
            labels = labels.with(label.getKey(), label.getValue());
        }
        return labels;
    }
}
