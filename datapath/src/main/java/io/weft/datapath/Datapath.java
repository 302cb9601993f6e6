package io.weft.datapath;

import io.weft.bpf.BpfFs;
import io.weft.bpf.BpfMap;
import io.weft.bpf.BpfProgram;
import io.weft.bpf.Codec;
import io.weft.bpf.IncompatibleMapException;
import io.weft.bpf.LoadOptions;
import io.weft.bpf.LoadedObject;
import io.weft.bpf.MapSpec;
import io.weft.bpf.ObjectSpec;
import io.weft.bpf.TypedMap;
import io.weft.model.Bandwidth;
import io.weft.model.Ip;
import io.weft.netlink.Netlink;
import io.weft.tables.Abi;
import io.weft.tables.AddressValue;
import io.weft.tables.CounterValue;
import io.weft.tables.Direction;
import io.weft.tables.DropKey;
import io.weft.tables.EventRecord;
import io.weft.tables.Reason;
import io.weft.tables.WorkloadValue;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The programs and maps of one node. They are pinned, so they outlive this process: forwarding and
 * enforcing go on, and the next {@link #open} adopts them with all connections and counters.
 *
 * <p>Safe for use by several threads.
 */
public final class Datapath implements AutoCloseable {
    static final String FROM_WORKLOAD = "from_workload";
    static final String TO_WORKLOAD = "to_workload";
    static final String CROSS = "cross";
    static final String FROM_SHAPER = "from_shaper";
    static final String FROM_UPLINK = "from_uplink";
    static final String TO_UPLINK = "to_uplink";
    static final String XDP_UPLINK = "xdp_uplink";

    private static final List<String> COUNTED =
            List.of(
                    "weft_workloads",
                    "weft_addresses",
                    "weft_identities",
                    "weft_policy",
                    "weft_connections",
                    "weft_fragments",
                    "weft_translations",
                    "weft_drops");

    private final Path pins;
    private final LoadedObject object;
    private final TypedMap<Integer, WorkloadValue> workloads;
    private final TypedMap<Ip, AddressValue> addresses;
    private final TypedMap<DropKey, List<CounterValue>> drops;
    private final TypedMap<Integer, List<Long>> counters;
    private final Places places;
    private final KernelTables tables;
    private final Connections connections;
    private final ServiceMaps services;
    private final Translations translations;

    private Datapath(Path pins, LoadedObject object, Consumer<KernelTables.Step> watcher) {
        this.pins = pins;
        this.object = object;
        workloads = object.map("weft_workloads").typed(Codec.U32, Codecs.WORKLOAD);
        addresses = object.map("weft_addresses").typed(Codecs.IP, Codecs.ADDRESS);
        drops = object.map("weft_drops").typed(Codecs.DROP_KEY, Codec.perCpu(Codecs.COUNTER));
        counters = object.map("weft_counters").typed(Codec.U32, Codec.perCpu(Codec.U64));
        connections =
                new Connections(
                        object.map("weft_connections")
                                .typed(Codecs.CONNECTION_KEY, Codecs.CONNECTION),
                        addresses);
        translations =
                new Translations(
                        object.map("weft_translations")
                                .typed(Codecs.TRANSLATION_KEY, Codecs.TRANSLATION));
        places = new Places(object.map("weft_places"));
        try {
            tables = new KernelTables(object.maps(), watcher);
        } catch (RuntimeException e) {
            places.close();
            throw e;
        }
        try {
            services = new ServiceMaps(object.maps());
        } catch (RuntimeException e) {
            tables.close();
            places.close();
            throw e;
        }
    }

    /** {@return the object as committed; reading it needs no privilege} */
    public static ObjectSpec object() {
        try (InputStream in = Datapath.class.getResourceAsStream("weft.o")) {
            if (in == null) {
                throw new IllegalStateException("weft.o is not beside " + Datapath.class);
            }
            return ObjectSpec.read(in);
        } catch (IOException e) {
            throw new UncheckedIOException("read weft.o", e);
        }
    }

    /** {@return whether a datapath is pinned there, by this process or one before} */
    public static boolean isPinned(Path pins) {
        return Files.exists(pins.resolve("weft_state"));
    }

    /**
     * Loads the programs and pins them with their maps; or adopts the maps that are pinned there,
     * in the state in which they are. Interfaces keep the programs that they have until {@link
     * #attach}.
     *
     * @param pins a directory of our own on a bpffs, such as {@code /sys/fs/bpf/weft}
     * @throws DatapathException when other maps are pinned there
     * @throws io.weft.bpf.BpfException when the kernel refuses
     */
    public static Datapath open(Path pins, Limits limits) {
        return open(pins, limits, step -> {});
    }

    static Datapath open(Path pins, Limits limits, Consumer<KernelTables.Step> watcher) {
        BpfFs.makeDirectory(pins);
        ObjectSpec spec = limits.on(object());
        for (String map : spec.maps().keySet()) {
            spec = spec.withPinning(map, MapSpec.Pinning.BY_NAME);
        }
        LoadedObject object;
        try {
            object = spec.load(LoadOptions.DEFAULT.withPinDirectory(pins));
        } catch (IncompatibleMapException e) {
            throw new DatapathException(
                    "adopt the datapath at "
                            + pins
                            + ": "
                            + e.getMessage()
                            + "\n  Run the version and limits that made it, or stop its workloads and"
                            + " remove "
                            + pins,
                    e);
        }
        try {
            object.programs().values().forEach(program -> pin(program, pins));
            Datapath datapath = new Datapath(pins, object, watcher);
            datapath.forgetHalves();
            return datapath;
        } catch (RuntimeException e) {
            object.close();
            throw e;
        }
    }

    /**
     * Takes away addresses that no workload has: a process before died in {@link #attach} or {@link
     * #detach}, and nobody else could have them.
     */
    private void forgetHalves() {
        addresses
                .entries()
                .forEach((ip, value) -> {
                    boolean owned =
                            workloads
                                    .get(value.ifindex())
                                    .filter(w ->
                                            w.ip4().filter(ip::equals).isPresent()
                                                    || w.ip6().filter(ip::equals).isPresent())
                                    .isPresent();
                    if (!owned) {
                        addresses.remove(ip);
                    }
                });
    }

    /** Pins the program, in place of another version of it. */
    private static void pin(BpfProgram program, Path pins) {
        Path path = pins.resolve(program.name());
        if (Files.exists(path)) {
            try (BpfProgram there = BpfProgram.openPinned(path)) {
                if (there.tag().equals(program.tag())) {
                    return;
                }
            }
            BpfFs.removeRecursively(path);
        }
        program.pin(path);
    }

    /** Takes all pins away: what is attached goes on until its interface is gone. */
    public static void unpin(Path pins) {
        BpfFs.removeRecursively(pins);
    }

    public Path pins() {
        return pins;
    }

    /** {@return what changes the policy} */
    public KernelTables tables() {
        return tables;
    }

    /** {@return what changes the services} */
    public ServiceMaps services() {
        return services;
    }

    public Connections connections() {
        return connections;
    }

    /** {@return what answers from the kernel's maps as the programs would} */
    public LiveEngine live() {
        return new LiveEngine(object.maps(), addresses, tables::revision);
    }

    BpfMap map(String name) {
        return object.map(name);
    }

    BpfProgram program(String name) {
        return object.program(name);
    }

    /**
     * Puts the programs at the host side of a workload's interface, and makes the workload known to
     * them, in this order: nothing gets through in between. Do it before the link is up, and after
     * {@link KernelTables#apply} has given its slot a policy. Again for the same interface, it
     * replaces programs and workload.
     *
     * @param netlink in the namespace of the interface
     * @throws DatapathException when another workload has one of the addresses, or foreign filters
     *     are in the way; nothing is changed then
     */
    public synchronized void attach(Netlink netlink, int hostIfindex, Workload workload) {
        for (Ip ip : workload.ips()) {
            AddressValue owner = addresses.get(ip).orElse(null);
            if (owner != null && owner.ifindex() != hostIfindex) {
                throw new DatapathException(
                        "attach interface %d: %s belongs to the workload at interface %d"
                                .formatted(hostIfindex, ip, owner.ifindex()));
            }
        }
        Filters.attach(
                netlink, hostIfindex, object.program(FROM_WORKLOAD), object.program(TO_WORKLOAD));
        Optional<WorkloadValue> before = workloads.get(hostIfindex);
        int flags = before.flatMap(this::addressesOf).map(AddressValue::flags).orElse(0);
        before.ifPresent(old -> {
            places.clear(old.slot(), hostIfindex);
            forget(hostIfindex, old, workload.ips());
        });
        for (Ip ip : workload.ips()) {
            addresses.put(
                    ip,
                    new AddressValue(
                            hostIfindex,
                            workload.slot(),
                            workload.mac(),
                            workload.gateway(),
                            flags));
        }
        workloads.put(
                hostIfindex,
                new WorkloadValue(
                        workload.slot(),
                        workload.mac(),
                        workload.gateway(),
                        workload.ip4(),
                        workload.ip6(),
                        before.map(WorkloadValue::shaper).orElse(0),
                        (before.map(WorkloadValue::flags).orElse(0) & ~WorkloadValue.SWITCHED)
                                | workload.link().flags()));
        setPlace(hostIfindex);
    }

    /**
     * Takes the programs away from an interface that others own; they may be gone already, and so
     * may it. Do it after {@link #detach}.
     */
    public static void release(Netlink netlink, int hostIfindex) {
        Filters.detach(netlink, hostIfindex);
    }

    /** {@return the other one of two interfaces that {@link #cross} joins} */
    public static int across(int ifindex) {
        return ifindex ^ 1;
    }

    /**
     * Joins an interface and the one {@link #across}: what comes in at one goes out at the other.
     *
     * @param netlink in the namespace of both
     */
    public void cross(Netlink netlink, int ifindex) {
        Filters.attachIngress(netlink, ifindex, object.program(CROSS));
        Filters.attachIngress(netlink, across(ifindex), object.program(CROSS));
    }

    /**
     * Nothing of a workload with a bandwidth takes the way by places, which is past its buckets.
     */
    private void setPlace(int hostIfindex) {
        WorkloadValue there = workloads.get(hostIfindex).orElseThrow();
        Workload workload =
                new Workload(
                        there.slot(),
                        there.mac(),
                        there.gateway(),
                        Stream.concat(there.ip4().stream(), there.ip6().stream()).toList());
        if (there.shaper() != 0 || addressesOf(there).filter(AddressValue::isShaped).isPresent()) {
            places.clear(workload.slot(), hostIfindex);
        } else {
            places.put(workload.slot(), hostIfindex, workload);
        }
    }

    private Optional<AddressValue> addressesOf(WorkloadValue workload) {
        return workload.ip4().or(workload::ip6).flatMap(addresses::get);
    }

    /**
     * Has a workload get and send no faster than {@code bandwidth} says, from now on; connections
     * go on. Do it after {@link #attach}, which keeps what was said for the interface before.
     *
     * @param netlink in the namespace of the interface
     * @throws DatapathException when no workload is there
     */
    public synchronized void shape(Netlink netlink, int hostIfindex, Bandwidth bandwidth) {
        WorkloadValue workload =
                workloads
                        .get(hostIfindex)
                        .orElseThrow(() ->
                                new DatapathException(
                                        "shape interface "
                                                + hostIfindex
                                                + ": no workload is behind it"));
        boolean isShaped = addressesOf(workload).filter(AddressValue::isShaped).isPresent();
        bandwidth.ingress().ifPresent(limit -> Shaper.limitIngress(netlink, hostIfindex, limit));
        if (isShaped != bandwidth.ingress().isPresent()) {
            setShaped(workload, !isShaped);
        }
        if (isShaped && bandwidth.ingress().isEmpty()) {
            Shaper.freeIngress(netlink, hostIfindex);
        }
        int shaper =
                bandwidth
                        .egress()
                        .map(limit ->
                                Shaper.limitEgress(
                                        netlink, hostIfindex, limit, object.program(FROM_SHAPER)))
                        .orElse(0);
        if (shaper != workload.shaper()) {
            workloads.put(hostIfindex, workload.withShaper(shaper));
        }
        if (shaper == 0 && workload.shaper() != 0) {
            Shaper.freeEgress(netlink, hostIfindex);
        }
        setPlace(hostIfindex);
    }

    /** Takes away what {@link #shape} made; no workload there is no error. */
    public synchronized void unshape(Netlink netlink, int hostIfindex) {
        if (workloads.get(hostIfindex).isPresent()) {
            shape(netlink, hostIfindex, Bandwidth.UNLIMITED);
        }
    }

    /**
     * Has what a workload opens to somebody outside, over an {@link #uplink}, be seen there with
     * the node's address, or not; what is open stays as it is. Pod CIDRs and {@link
     * io.weft.tables.Vantage#direct} are not outside. As {@link #shape}, do it after {@link
     * #attach}, which keeps it.
     *
     * @throws DatapathException when no workload is there
     */
    public synchronized void masquerade(int hostIfindex, boolean masquerade) {
        WorkloadValue workload =
                workloads
                        .get(hostIfindex)
                        .orElseThrow(() ->
                                new DatapathException(
                                        "masquerade interface "
                                                + hostIfindex
                                                + ": no workload is behind it"));
        workloads.put(hostIfindex, workload.withMasquerade(masquerade));
    }

    private void setShaped(WorkloadValue workload, boolean shaped) {
        List<Ip> ips = new ArrayList<>();
        workload.ip4().ifPresent(ips::add);
        workload.ip6().ifPresent(ips::add);
        for (Ip ip : ips) {
            addresses.get(ip).ifPresent(value -> addresses.put(ip, value.withShaped(shaped)));
        }
    }

    /**
     * {@return the link, beside the workload's own, to delete when the workload is detached: empty
     * when it may send as fast as it likes}
     */
    public Optional<String> shaperOf(int hostIfindex) {
        return workloads
                .get(hostIfindex)
                .filter(workload -> workload.shaper() != 0)
                .map(workload -> Shaper.linkOf(hostIfindex));
    }

    /** {@return such links whose workload's interface is gone, of whatever node} */
    public static List<String> abandonedShapers(Netlink netlink) {
        return Shaper.all(netlink).entrySet().stream()
                .filter(shaper -> netlink.links().get(shaper.getValue()).isEmpty())
                .map(Map.Entry::getKey)
                .toList();
    }

    /**
     * Forgets the workload at an interface: from then on nothing passes there. The programs stay
     * until the interface is deleted. Its drop counters go too, as its slot may be given away.
     *
     * @return whether there was one
     */
    public synchronized boolean detach(int hostIfindex) {
        WorkloadValue old = workloads.get(hostIfindex).orElse(null);
        if (old == null) {
            return false;
        }
        places.clear(old.slot(), hostIfindex);
        workloads.remove(hostIfindex);
        forget(hostIfindex, old, List.of());
        for (Reason reason : Reason.values()) { // few, where a walk would take the whole map
            for (Direction direction : Direction.values()) {
                drops.remove(new DropKey(old.slot(), reason, direction));
            }
        }
        return true;
    }

    private void forget(int ifindex, WorkloadValue old, List<Ip> kept) {
        List<Ip> ips = new ArrayList<>();
        old.ip4().ifPresent(ips::add);
        old.ip6().ifPresent(ips::add);
        for (Ip ip : ips) {
            if (!kept.contains(ip)
                    && addresses.get(ip).filter(a -> a.ifindex() == ifindex).isPresent()) {
                addresses.remove(ip);
            }
        }
    }

    /**
     * Has what comes in at an interface from outside reach services, node ports, load balancers,
     * external IPs; and what the node's own sockets send over it. It goes on when this process
     * ends, until {@link Uplink#close}; again for the same interface, it takes over what is there.
     *
     * @param ifindex in the network namespace of the calling thread; an interface with Ethernet
     *     headers, that no workload is behind
     * @throws io.weft.bpf.BpfException when the kernel refuses; Linux 6.6 can
     */
    public Uplink uplink(int ifindex) {
        return uplink(ifindex, Xdp.OFF);
    }

    /**
     * Likewise, with what comes in looked at by XDP first.
     *
     * @throws DatapathException when it is to be {@link Xdp#NATIVE} or {@link Xdp#GENERIC} and
     *     cannot
     */
    public Uplink uplink(int ifindex, Xdp xdp) {
        return Uplink.attach(
                object::program,
                object.map("weft_uplinks").typed(Codec.U32, Codecs.UPLINK),
                ifindex,
                pins,
                xdp);
    }

    /** {@return the translations of single packets that are there} */
    public Translations translations() {
        return translations;
    }

    /** {@return host-side ifindex → workload, as the kernel holds them} */
    public Map<Integer, WorkloadValue> workloads() {
        return workloads.entries();
    }

    /** {@return what was dropped, summed over the CPUs; slot {@link Abi#NO_SLOT}: unknown} */
    public Map<DropKey, CounterValue> drops() {
        Map<DropKey, CounterValue> sums = new HashMap<>();
        drops.forEach((key, perCpu) ->
                sums.put(key, perCpu.stream().reduce(new CounterValue(0, 0), CounterValue::plus)));
        return sums;
    }

    /** {@return how full each map is that can fill up; counting walks the maps} */
    public List<MapUsage> usage() {
        List<MapUsage> usage = new ArrayList<>();
        for (String name : COUNTED) {
            BpfMap map = object.map(name);
            long[] used = {0};
            map.batch().forEach((key, value) -> used[0]++);
            usage.add(new MapUsage(name, used[0], map.maxEntries()));
        }
        return usage;
    }

    public Counters counters() {
        return new Counters(
                counter(Abi.COUNT_EVENTS_LOST),
                counter(Abi.COUNT_CONNECTIONS_OPENED),
                counter(Abi.COUNT_AUDITED));
    }

    private long counter(int index) {
        return counters.get(index).orElse(List.of()).stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Starts to deliver events, on a thread of their own, until the reader is closed. One reader at
     * a time: each event goes to one only.
     */
    public EventReader events(Consumer<EventRecord> consumer) {
        return new EventReader(object.map("weft_events"), consumer);
    }

    /** Lets go of descriptors and threads; what is pinned and attached stays. */
    @Override
    public void close() {
        services.close();
        tables.close();
        places.close();
        object.close();
    }
}
