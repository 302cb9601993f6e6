package io.weft.cni;

import java.util.Optional;
import java.util.function.Supplier;

/** A request that was read, and what it excludes while it runs. */
public final class CniCall {
    private final Optional<String> container;
    private final Optional<String> network;
    private final boolean ofNetwork;
    private final Optional<CniCommand> command;
    private final CniVersion version;
    private final Supplier<CniAnswer> work;

    private CniCall(
            Optional<String> container,
            Optional<String> network,
            Optional<CniCommand> command,
            CniVersion version,
            Supplier<CniAnswer> work) {
        this.container = container;
        this.network = network;
        this.command = command;
        this.ofNetwork = command.filter(c -> c == CniCommand.GC).isPresent();
        this.version = version;
        this.work = work;
    }

    static CniCall of(CniRequest request, Supplier<CniAnswer> work) {
        CniCommand command = request.environment().command();
        String network = request.config().name();
        return new CniCall(
                Optional.of(request.environment().containerId())
                        .filter(_ -> command.isOfAttachment()),
                Optional.of(network).filter(n -> !n.isEmpty()),
                Optional.of(command),
                request.config().version(),
                work);
    }

    /** {@return one that excludes nothing} */
    static CniCall of(CniAnswer answer) {
        return new CniCall(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                CniVersion.LATEST,
                () -> answer);
    }

    /** {@return whether the two may not run at once} */
    boolean excludes(CniCall other) {
        if (container.isPresent() && container.equals(other.container)) {
            return true;
        }
        boolean collects = ofNetwork || other.ofNetwork;
        boolean works =
                (ofNetwork || container.isPresent())
                        && (other.ofNetwork || other.container.isPresent());
        // a DEL without config is of every network
        boolean same =
                network.isEmpty() || other.network.isEmpty() || network.equals(other.network);
        return collects && works && same;
    }

    /** {@return the verb; nothing when the answer is known without any work} */
    Optional<CniCommand> command() {
        return command;
    }

    CniVersion version() {
        return version;
    }

    /** Never throws. */
    public CniAnswer run() {
        return work.get();
    }
}
