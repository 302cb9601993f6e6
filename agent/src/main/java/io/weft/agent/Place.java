package io.weft.agent;

import io.weft.datapath.Workload;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Mac;
import io.weft.netlink.Netlink;
import java.nio.file.Path;
import java.util.Set;

/** Where the interface of a workload goes, and how it comes there: one class for each kind. */
sealed interface Place permits VethPlace, ChainedPlace, BridgePlace, TapPlace {
    /**
     * What is there now.
     *
     * @param host ifindex where the programs go
     * @param pod ifindex of the container's own interface
     * @param mac of the container's own interface
     * @param gateway MAC by which it reaches the node
     */
    record Made(int host, int pod, Mac mac, Mac gateway) {}

    /** {@return the workload's network namespace; it stays open as long as the sandbox is made} */
    NetNs namespace();

    /** {@return a name of that namespace} */
    Path path();

    /** {@return how the interface is called there} */
    String podInterface();

    /** {@return the name of the interface where the programs are} */
    String hostInterface();

    InterfaceKind kind();

    /** {@return what the interface where the programs are leads to} */
    Workload.Link link();

    /** {@return whether the workload is seen outside with the node's address} */
    boolean masquerade();

    /** {@return addresses of the node that it has for the sake of this workload's link} */
    Set<Ip> nodeAddresses();

    /**
     * Makes what is not there yet: down and bare.
     *
     * @param inside in the workload's namespace
     * @param slot that MACs are made of
     * @throws NodeException when something is in the way
     */
    Made make(Wiring wiring, Netlink inside, int slot);

    /**
     * Takes away what {@link #make} made and does not end with the interface where the programs
     * are.
     */
    default void unmake(Netlink inside) {}

    /** Gives it addresses and routes and brings it up: from here on packets flow. */
    void up(Wiring wiring, Endpoint endpoint, Made made, Netlink inside);

    /**
     * @throws NodeException when the namespace has an interface of that name
     */
    static void requireFree(Place place, Netlink inside) {
        if (inside.links().get(place.podInterface()).isPresent()) {
            throw new NodeException(
                    NodeException.Cause.INPUT,
                    "namespace "
                            + place.path()
                            + " has an interface "
                            + place.podInterface()
                            + " already: choose another name, or delete that one first");
        }
    }
}
