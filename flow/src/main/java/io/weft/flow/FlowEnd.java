package io.weft.flow;

import io.weft.model.Ip;
import io.weft.tables.Identities;
import java.util.Optional;

/**
 * One end of a {@link Flow}.
 *
 * @param ip {@code ::} when the packet had none, as ARP
 * @param port 0–65535; 0 for protocols without ports; of the source of an ICMP echo the identifier
 * @param identity number of its labels or block; see {@link Identities}
 */
public record FlowEnd(Ip ip, int port, int identity, Optional<NamedPod> pod) {
    /** {@return {@code shop/web}, {@code host}, {@code world}, or the address} */
    public String name() {
        if (pod.isPresent()) {
            return pod.get().ref().path();
        }
        return switch (identity) {
            case Identities.HOST -> "host";
            case Identities.WORLD -> "world";
            default -> ip.toString();
        };
    }

    boolean hasIp() {
        return ip.high() != 0 || ip.low() != 0;
    }
}
