package io.weft.cni;

import java.util.Arrays;
import java.util.Optional;

/** The verbs of CNI_COMMAND, each with the first version of a config that may be asked it. */
public enum CniCommand {
    ADD(CniVersion.V0_3_0),
    DEL(CniVersion.V0_3_0),
    CHECK(CniVersion.V0_4_0),
    GC(CniVersion.V1_1_0),
    STATUS(CniVersion.V1_1_0),
    VERSION(CniVersion.V0_3_0);

    private final CniVersion since;

    CniCommand(CniVersion since) {
        this.since = since;
    }

    public CniVersion since() {
        return since;
    }

    /** {@return whether it is about one attachment: a container and an interface} */
    boolean isOfAttachment() {
        return this == ADD || this == DEL || this == CHECK;
    }

    static Optional<CniCommand> tryParse(String text) {
        return Arrays.stream(values()).filter(c -> c.name().equals(text)).findFirst();
    }
}
