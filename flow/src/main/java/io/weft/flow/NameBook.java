package io.weft.flow;

import io.weft.model.Ip;
import io.weft.model.Ref;
import io.weft.tables.Rule;
import java.util.Optional;

/** What numbers and addresses are called at this moment. Safe for use from many threads. */
public interface NameBook {
    /** {@return the pod that has this address, or had it a moment ago} */
    Optional<NamedPod> pod(Ip ip);

    /** {@return the local workload behind this slot, or that was there a moment ago} */
    Optional<Ref> workload(int slot);

    /** {@return what the rule id stands for, or stood for a moment ago} */
    Optional<Rule> rule(int id);
}
