package io.weft.agent;

import io.weft.compiler.Compilation;
import io.weft.compiler.Compiler;
import io.weft.datapath.Datapath;
import io.weft.datapath.KernelTables;
import io.weft.flow.FlowLog;
import io.weft.flow.RecentNames;
import io.weft.kernel.NetNs;
import io.weft.model.Delta;
import io.weft.model.Ip;
import io.weft.model.Kind;
import io.weft.model.PersistentMap;
import io.weft.model.Pod;
import io.weft.model.Ref;
import io.weft.model.Resource;
import io.weft.model.Snapshot;
import io.weft.netlink.Netlink;
import io.weft.tables.Abi;
import io.weft.tables.Tables;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;

/**
 * One node. All changes run on its owner thread; see the package for the order of things.
 *
 * <p>{@link #close} takes everything back: processes, links, namespaces, programs, pins.
 */
public final class Node implements AutoCloseable {
    private static final Future<Enforced> NOTHING_ENFORCED =
            CompletableFuture.failedFuture(new IllegalStateException());
    private static final System.Logger LOG = System.getLogger(Node.class.getName());
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final NodeConfig config;
    private final Machine machine;
    private final Journal journal;
    private final Wiring wiring;
    private final Datapath datapath;
    private final NodeServices services;
    private final PodBandwidth bandwidth;
    private final FlowFeed feed;
    private final AddressPool pool;
    private final Owner owner = new Owner("node");

    /** Works for the owner, at most one thing at a time. */
    private final Owner meanwhile = new Owner("node-tables");

    // of the owner thread
    private final Map<Ref, Sandbox> sandboxes = new TreeMap<>();
    private final BitSet slots = new BitSet();
    private PersistentMap<Ref, Integer> slotOf = PersistentMap.empty(); // in force
    private PersistentMap<Ref, Endpoint> endpoints = PersistentMap.empty();
    private Guests guests = Guests.NONE;

    private volatile NodeState state;
    private volatile Set<Ip> addresses; // the machine's, and those that came with links since
    private final SelfCheck selfCheck;
    private final ReadinessWatch readiness = new ReadinessWatch(this::changeReadiness);

    private Node(NodeConfig config, Machine machine) {
        this.config = config;
        this.machine = machine;
        this.journal = machine.journal();
        this.wiring = machine.wiring();
        this.datapath = machine.datapath();
        this.services = machine.services();
        this.bandwidth = new PodBandwidth(datapath, wiring.netlink());
        this.pool = new AddressPool(config.pool4(), config.pool6());
        this.addresses = Set.copyOf(machine.nodeAddresses());
        Compilation empty = Compiler.compile(Snapshot.EMPTY, nodeAddresses(), machine.options());
        this.state =
                new NodeState(empty, Map.of(), ServiceAddressing.of(config.services().pools()));
        this.feed = FlowFeed.start(datapath);
        this.selfCheck = new SelfCheck(this, new Random());
    }

    /**
     * Takes the instance, takes back what a crashed predecessor left, and loads the datapath.
     *
     * @param purpose what this process does, shown to whoever finds the instance taken
     * @throws NodeException when the machine lacks something, or the instance is running already
     */
    public static Node start(NodeConfig config, String purpose) {
        return start(config, purpose, machine -> Adoption.NOTHING);
    }

    static Node start(NodeConfig config, String purpose, Function<Machine, Adoption> adoption) {
        Machine machine = Machine.take(config, purpose);
        Node node = new Node(config, machine);
        try {
            node.own(() -> node.adopt(adoption.apply(machine)));
            return node;
        } catch (RuntimeException | Error e) {
            try {
                node.close();
            } catch (RuntimeException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
    }

    public NodeConfig config() {
        return config;
    }

    /** {@return what runs now} */
    public NodeState state() {
        return state;
    }

    public FlowLog flows() {
        return feed.log();
    }

    Datapath datapath() {
        return datapath;
    }

    NodeServices services() {
        return services;
    }

    Set<Ip> nodeAddresses() {
        return addresses;
    }

    /** {@return the node's own address, which is the pods' gateway} */
    Ip gateway(boolean v4) {
        return wiring.gateways().stream().filter(ip -> ip.isV4() == v4).findFirst().orElseThrow();
    }

    FlowFeed feed() {
        return feed;
    }

    SelfCheck selfCheck() {
        return selfCheck;
    }

    /** What runs, and the revision that the kernel had then: no change was under way. */
    record InForce(NodeState state, int revision) {}

    InForce inForce() {
        return own(() -> new InForce(state, datapath.tables().revision()));
    }

    /** What an {@link #apply} or {@link #delete} did to one object. */
    public enum Change {
        CREATED,
        CONFIGURED,
        UNCHANGED,
        DELETED
    }

    /**
     * Adds or replaces objects: all of them or, when one is refused, none. When it returns, the
     * policy is in force and the new pods' processes have been started.
     *
     * @throws NodeException when a change is not allowed
     */
    public Map<Ref, Change> apply(List<? extends Resource> wanted) {
        return own(() -> {
            ChangePlan plan = ChangePlan.of(state, wanted, config.stays());
            return config.stays() ? changeManifests(plan) : change(plan);
        });
    }

    /** {@return what {@link #apply} would do} */
    ChangePlan dryRun(List<? extends Resource> wanted) {
        return ChangePlan.of(state, wanted, config.stays());
    }

    /** {@return what the kernel's maps need to put this in force, with all its pods wired here} */
    List<KernelTables.Need> needs(Compilation compilation) {
        return own(() -> {
            PersistentMap<Ref, Integer> wired = slotOf;
            int slot = -1;
            for (Ref pod : compilation.tables().pods().keySet()) {
                if (!wired.containsKey(pod)) {
                    slot = slots.nextClearBit(slot + 1);
                    wired = wired.with(pod, slot);
                }
            }
            if (wired.size() > Abi.MAX_WORKLOADS) {
                long come = (long) wired.size() - slotOf.size();
                return List.of(
                        new KernelTables.Need("workloads", wired.size(), come, Abi.MAX_WORKLOADS));
            }
            List<KernelTables.Need> needs =
                    new ArrayList<>(datapath.tables().needs(compilation.tables(), wired));
            needs.addAll(datapath.services().needs(compilation.tables().services()));
            return needs;
        });
    }

    /** Removes objects; unknown ones are refused and then nothing is removed. */
    public Map<Ref, Change> delete(List<Ref> unwanted) {
        return own(() -> {
            ChangePlan plan = ChangePlan.removing(state, unwanted);
            return config.stays() ? changeManifests(plan) : change(plan);
        });
    }

    /**
     * A pod that somebody else runs.
     *
     * @param pod with its addresses, which are not of the node's pool
     * @param inside a connection to its namespace, which its opener closes after the change
     */
    record Guest(Pod pod, Place place, Netlink inside) {}

    /**
     * Wires guests and lets others go: all or, when one is refused, none. When it returns, those
     * that came are up and under policy, and no packet passes to or from those that went.
     *
     * @return names of the interfaces of those that went; deleting them is the caller's
     * @throws NodeException when one cannot come; unknown ones that go are no error
     */
    List<String> change(List<Guest> joining, List<Ref> leaving) {
        return own(() -> {
            List<Ref> here = leaving.stream().filter(sandboxes::containsKey).toList();
            List<String> links = bandwidth.links(here, endpoints);
            Guests.Step step = guests.pods(joining.stream().map(Guest::pod).toList(), here);
            Map<Ref, Guest> coming = new HashMap<>();
            joining.forEach(guest -> coming.put(guest.pod().ref(), guest));
            joining.forEach(guest -> knowAddresses(guest.place().nodeAddresses()));
            ChangePlan plan = new ChangePlan(state, state.addressing(), step.delta(), Map.of());
            change(plan, coming, here);
            guests = step.after();
            return links;
        });
    }

    private Map<Ref, Change> changeManifests(ChangePlan plan) {
        Guests.Step step = guests.manifests(plan.delta());
        change(plan.with(step.delta()), Map.of(), List.of());
        guests = step.after();
        return plan.changes();
    }

    // ---- on the owner thread

    private int adopt(Adoption adoption) {
        ChangePlan plan = ChangePlan.of(state, adoption.manifests(), true);
        Guests.Step manifests = guests.manifests(plan.delta());
        Guests.Step step =
                manifests
                        .after()
                        .pods(
                                adoption.guests().stream().map(Adoption.Guest::pod).toList(),
                                List.of());
        Delta delta = manifests.delta().and(step.delta());
        Compilation compilation = state.compilation().next(delta);
        PersistentMap<Ref, Integer> slotsThere = PersistentMap.empty();
        for (Adoption.Guest guest : adoption.guests()) {
            Endpoint endpoint = guest.endpoint();
            slots.set(endpoint.slot());
            slotsThere = slotsThere.with(endpoint.pod(), endpoint.slot());
            endpoints = endpoints.with(endpoint.pod(), endpoint);
            feed.names().wire(endpoint.slot(), endpoint.pod(), Instant.now());
        }
        name(delta, List.of(), compilation.tables());
        datapath.tables().apply(compilation.tables(), slotsThere);
        services.apply(state.snapshot(), compilation, delta);
        slotOf = slotsThere;
        guests = step.after();
        state = new NodeState(compilation, endpoints, plan.addressing());
        adoption.guests().forEach(this::adopt);
        List<Integer> known = endpoints.values().stream().map(Endpoint::ifindex).toList();
        bandwidth.forgetOthers(known);
        services.forgetOthers();
        return known.size();
    }

    private void adopt(Adoption.Guest guest) {
        Endpoint endpoint = guest.endpoint();
        Pod pod = state.snapshot().pods().get(endpoint.pod());
        if (pod == null) {
            throw new IllegalStateException(endpoint.pod() + " is not in what was compiled");
        }
        datapath.attach(wiring.netlink(), endpoint.ifindex(), endpoint.workload());
        bandwidth.set(endpoint.ifindex(), pod.bandwidth());
        Sandbox sandbox = Sandbox.adopt(wiring, pod, endpoint, guest.cookie().orElse(0));
        sandboxes.put(endpoint.pod(), sandbox);
        if (guest.cookie().isPresent()) {
            services.enter(sandbox);
        }
    }

    /** A new pod, with its addresses and its slot; nothing is made yet. */
    private record Coming(Pod pod, int slot, Optional<Guest> guest) {}

    /**
     * What is compiled and put in force on another thread, while this one makes interfaces. These
     * are down until both are done.
     */
    private record Enforced(Compilation compilation, PersistentMap<Ref, Integer> slotOf) {}

    private Map<Ref, Change> change(ChangePlan plan) {
        return change(
                plan,
                Map.of(),
                plan.delta().removed().stream().filter(sandboxes::containsKey).toList());
    }

    /**
     * @param joining guests that come
     * @param leaving pods whose interfaces go
     */
    private Map<Ref, Change> change(ChangePlan plan, Map<Ref, Guest> joining, List<Ref> leaving) {
        NodeState before = state;
        List<Coming> coming = new ArrayList<>();
        List<Sandbox> made = new ArrayList<>();
        Future<Enforced> enforcing = NOTHING_ENFORCED;
        try {
            List<Resource> put = new ArrayList<>();
            for (Resource resource : plan.delta().put()) {
                Guest guest = joining.get(resource.ref());
                if (guest != null) {
                    Pod pod = (Pod) resource;
                    feed.settle(pod.ips());
                    coming.add(new Coming(pod, takeSlot(), Optional.of(guest)));
                    put.add(resource);
                } else if (resource instanceof Pod pod
                        && !config.stays()
                        && !sandboxes.containsKey(pod.ref())) {
                    put.add(coming(pod, coming));
                } else {
                    put.add(resource);
                }
            }
            Delta delta = new Delta(put, plan.delta().removed());
            ChangePlan.refuseTakenPorts(before, delta);
            endPods(leaving);
            if (plan.bringsOnlyPods()) {
                enforcing = meanwhile.submit(() -> enforce(before, delta, coming));
            } else { // what does not fit is refused before anything is made
                enforcing = CompletableFuture.completedFuture(enforce(before, delta, coming));
            }
            for (Coming pod : coming) {
                made.add(make(pod));
            }
            Enforced enforced = Owner.get(enforcing);
            bandwidth.change(before.snapshot(), put, endpoints);
            slotOf = enforced.slotOf();
            for (Sandbox sandbox : made) {
                services.enter(sandbox);
                sandboxes.put(sandbox.pod().ref(), sandbox);
                endpoints = endpoints.with(sandbox.pod().ref(), sandbox.endpoint());
            }
            state = new NodeState(enforced.compilation(), endpoints, plan.addressing());
            for (Sandbox sandbox : made) {
                sandbox.start(() -> services.names().context(sandbox.pod(), state.snapshot()));
                readiness.watch(sandbox);
            }
        } catch (RuntimeException | Error e) {
            takeBack(coming, made, before, enforcing);
            throw e;
        }
        return plan.changes();
    }

    private Sandbox make(Coming pod) {
        return pod.guest()
                .map(guest ->
                        Sandbox.join(
                                wiring,
                                datapath,
                                pod.pod(),
                                pod.slot(),
                                guest.place(),
                                guest.inside()))
                .orElseGet(() ->
                        Sandbox.create(config, journal, wiring, datapath, pod.pod(), pod.slot()));
    }

    /** The node has these addresses as well, from now on and before a packet comes from there. */
    private void knowAddresses(Set<Ip> more) {
        if (addresses.containsAll(more)) {
            return;
        }
        Compilation compilation = state.compilation().withNodeAddresses(more);
        datapath.tables().apply(compilation.tables(), slotOf);
        Set<Ip> all = new HashSet<>(addresses);
        all.addAll(more);
        addresses = Set.copyOf(all);
        state = new NodeState(compilation, endpoints, state.addressing());
    }

    private int takeSlot() {
        int slot = slots.nextClearBit(0);
        slots.set(slot);
        return slot;
    }

    /** Ends pods, to which services lead nobody any more by then. */
    private void endPods(List<Ref> pods) {
        if (!pods.isEmpty()) {
            Delta delta = new Delta(List.of(), pods);
            services.apply(state.snapshot(), state.compilation().next(delta), delta);
            end(pods.stream().map(sandboxes::get).toList());
        }
    }

    /** A pod's readiness is another one now. */
    private void changeReadiness(Sandbox sandbox, boolean ready) {
        try {
            own(() -> {
                Pod pod = state.snapshot().pods().get(sandbox.pod().ref());
                if (pod != null
                        && pod.ready() != ready
                        && Objects.equals(sandboxes.get(pod.ref()), sandbox)) {
                    Delta delta = Delta.put(List.of(pod.withReady(ready)));
                    change(new ChangePlan(state, state.addressing(), delta, Map.of()));
                }
                return Boolean.TRUE;
            });
        } catch (RejectedExecutionException closing) {
            // nobody asks any more
        } catch (RuntimeException e) {
            if (Thread.currentThread().isInterrupted()) {
                return; // the pod ends
            }
            LOG.log(Level.ERROR, sandbox.pod().ref() + ": readiness: " + e.getMessage(), e);
        }
    }

    /** On the thread beside the owner's, which waits for it. */
    private Enforced enforce(NodeState before, Delta delta, List<Coming> coming) {
        Compilation compilation = before.compilation().next(delta);
        PersistentMap<Ref, Integer> next = slotOf;
        for (Coming pod : coming) {
            next = next.with(pod.pod().ref(), pod.slot());
        }
        name(delta, coming, compilation.tables());
        services.requireRoom(compilation.tables().services());
        datapath.tables().apply(compilation.tables(), next);
        try {
            services.apply(before.snapshot(), compilation, delta);
        } catch (RuntimeException e) {
            datapath.tables().apply(before.compilation().tables(), slotOf);
            throw e;
        }
        return new Enforced(compilation, next);
    }

    /** New pods that could not all be wired and started go, with all that came with them. */
    private void takeBack(
            List<Coming> coming, List<Sandbox> made, NodeState before, Future<Enforced> enforcing) {
        boolean inForce = Owner.succeeds(enforcing);
        end(made);
        Set<Ref> ended = new HashSet<>();
        made.forEach(sandbox -> ended.add(sandbox.pod().ref()));
        for (Coming pod : coming) {
            if (!ended.contains(pod.pod().ref())) {
                slots.clear(pod.slot());
                feed.names().unwire(pod.slot(), Instant.now());
                if (pod.guest().isEmpty()) {
                    pool.giveBack(pod.pod().ips());
                }
            }
        }
        List<Ref> gone = coming.stream().map(pod -> pod.pod().ref()).toList();
        name(new Delta(List.of(), gone), List.of(), before.compilation().tables());
        if (inForce) {
            services.apply(
                    state.snapshot(),
                    before.compilation(),
                    Delta.between(state.snapshot(), before.snapshot()));
            datapath.tables().apply(before.compilation().tables(), slotOf);
            state = before;
        }
    }

    private Pod coming(Pod pod, List<Coming> coming) {
        if (pod.hostNetwork()) {
            throw new NodeException(
                    NodeException.Cause.INPUT,
                    pod.source()
                            + ": "
                            + pod.ref()
                            + ": spec.hostNetwork: this node runs pods in namespaces of their own"
                            + " only");
        }
        Commands.require(pod, System.getenv().getOrDefault("PATH", ""));
        Pod addressed = pod.withIps(pool.take()).withReady(pod.containers().isEmpty());
        coming.add(new Coming(addressed, takeSlot(), Optional.empty()));
        return addressed;
    }

    /** Names come first: the first event of a new rule may follow at once. */
    private void name(Delta delta, List<Coming> coming, Tables tables) {
        Instant now = Instant.now();
        RecentNames names = feed.names();
        names.rules(tables.rules(), now);
        for (Resource resource : delta.put()) {
            if (resource instanceof Pod pod) {
                names.put(pod, now);
            }
        }
        delta.removed().stream()
                .filter(r -> r.kind() == Kind.POD)
                .forEach(r -> names.remove(r, now));
        coming.forEach(pod -> names.wire(pod.slot(), pod.pod().ref(), now));
    }

    private void end(List<Sandbox> ended) {
        if (ended.isEmpty()) {
            return;
        }
        ended.forEach(readiness::forget);
        ended.forEach(services::leave);
        Sandbox.endAll(ended, wiring, datapath, journal, GRACE);
        List<Ip> ips = ended.stream().flatMap(s -> s.endpoint().ips().stream()).toList();
        if (config.stays()) {
            feed.endSoon(ips); // they mostly rest before they are given again
        } else {
            feed.end(ips);
        }
        for (Sandbox sandbox : ended) {
            Ref pod = sandbox.pod().ref();
            sandboxes.remove(pod);
            slotOf = slotOf.without(pod);
            endpoints = endpoints.without(pod);
            slots.clear(sandbox.endpoint().slot());
            feed.names().unwire(sandbox.endpoint().slot(), Instant.now());
            if (!sandbox.isGuest()) {
                pool.giveBack(sandbox.endpoint().ips());
            }
        }
    }

    /**
     * Waits for every pod, all at the same time.
     *
     * @return one status for each, by name
     */
    public List<PodStatus> awaitReady(Duration timeout) {
        List<Sandbox> all = own(() -> List.copyOf(sandboxes.values()));
        List<Future<PodStatus>> pending = new ArrayList<>();
        try (ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Sandbox sandbox : all) {
                pending.add(
                        waiters.submit(() ->
                                new PodStatus(
                                        sandbox.pod().ref(), Readiness.await(sandbox, timeout))));
            }
        }
        for (int i = 0; i < all.size(); i++) {
            if (pending.get(i).resultNow().problem().isEmpty()) {
                changeReadiness(all.get(i), true); // before the answer, not soon after it
            }
        }
        return pending.stream().map(Future::resultNow).toList();
    }

    private <T> T own(Callable<T> work) {
        return owner.call(work);
    }

    /** {@return a namespace handle of a pod; the caller closes it} */
    static NetNs namespaceOf(Endpoint endpoint) {
        return NetNs.open(endpoint.namespace());
    }

    @Override
    public void close() {
        selfCheck.close();
        readiness.close();
        try {
            if (!config.stays()) {
                own(() -> {
                    end(List.copyOf(sandboxes.values()));
                    return Boolean.TRUE;
                });
            }
        } catch (RuntimeException e) {
            LOG.log(Level.ERROR, "ending the pods: " + e.getMessage(), e);
        }
        owner.close();
        meanwhile.close();
        feed.close();
        if (config.stays()) {
            machine.leave();
        } else {
            machine.giveBack();
        }
    }
}
