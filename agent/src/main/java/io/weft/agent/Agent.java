package io.weft.agent;

import io.weft.cni.CniDispatcher;
import io.weft.cni.CniExec;
import io.weft.cni.CniLatency;
import io.weft.cni.CniServer;
import io.weft.cni.Tombstones;
import io.weft.ipam.Ipam;
import io.weft.ipam.PoolChooser;
import io.weft.ipam.TimeSource;
import io.weft.model.ManifestReader;
import io.weft.model.Resource;
import io.weft.store.Ledger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The daemon of a node: pods are others', and come by CNI. What it must not forget is in its
 * ledger; when it ends, pods, programs and policy go on, and the next one takes over.
 */
public final class Agent implements AutoCloseable {
    /** {@code type} of the configs that are for this plugin. */
    static final String CNI_TYPE = "weft";

    private static final System.Logger LOG = System.getLogger(Agent.class.getName());
    private static final Duration PLUGIN_LIMIT = Duration.ofSeconds(30);

    private final List<AutoCloseable> opened;
    private final Node node;

    private Agent(List<AutoCloseable> opened, Node node) {
        this.opened = opened;
        this.node = node;
    }

    /**
     * Starts the daemon. When it returns, CNI calls are served, and what an earlier one left is
     * under policy as before.
     *
     * @param purpose what this process does, shown to whoever finds the instance taken
     * @throws NodeException when the machine lacks something, or the instance is running already
     * @throws io.weft.store.LedgerException when the ledger is held, damaged, or the disk fails
     */
    public static Agent start(AgentSettings settings, String purpose) {
        return start(settings, purpose, TimeSource.system());
    }

    static Agent start(AgentSettings settings, String purpose, TimeSource time) {
        MachineCheck.require();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            return start(settings, purpose, time, opened);
        } catch (RuntimeException | Error e) {
            for (AutoCloseable resource : opened.reversed()) {
                try {
                    resource.close();
                } catch (Exception second) {
                    e.addSuppressed(second);
                }
            }
            throw e;
        }
    }

    private static Agent start(
            AgentSettings settings, String purpose, TimeSource time, List<AutoCloseable> opened) {
        PoolChooser pools = settings.pools();
        Ledger ledger = Ledger.open(settings.stateDirectory().resolve("ledger"));
        opened.add(ledger);
        ledger.notices().forEach(notice -> LOG.log(Level.INFO, notice));
        Ipam ipam = Ipam.open(ledger, pools.pools(), settings.ipam(), time);
        Attachments attachments = new Attachments(ledger);
        ManifestStore manifests = new ManifestStore(ledger);
        Set<String> names = Set.of(CNI_TYPE, CNI_TYPE + "-" + settings.instance());
        NodeConfig config = settings.node();
        Delegates delegates = new Delegates(new CniExec(PLUGIN_LIMIT), names, config.host());
        Healing healing = new Healing(ledger, ipam, attachments, delegates, time.bootId());
        Node node =
                Node.start(
                        config,
                        purpose,
                        machine ->
                                new Adoption(
                                        desired(settings, manifests), healing.adoptable(machine)));
        opened.add(node);
        healing.forgetTheDead();
        ClaimKeeper claims = new ClaimKeeper(ipam, () -> node.state().snapshot());
        claims.settle();
        Unplugger unplugger = new Unplugger(Wiring.host(config));
        opened.add(unplugger);
        unplugger.unplug(Healing.orphans(config, attachments));
        GuestQueue guests = new GuestQueue(node, unplugger);
        opened.add(guests);
        PoolWatch watch = PoolWatch.start(ipam, time);
        opened.add(watch);
        Addressing addressing = new Addressing(ipam, pools, claims, () -> node.state().snapshot());
        CniLatency latency = new CniLatency();
        UnseenWorkloads unseen = new UnseenWorkloads(node, attachments);
        unseen.warn();
        CniDispatcher dispatcher =
                new CniDispatcher(
                        names,
                        new CniAgent(
                                node,
                                guests,
                                ledger,
                                attachments,
                                addressing,
                                delegates,
                                unseen,
                                time.bootId(),
                                latency),
                        new IpamAgent(ledger, ipam, addressing, attachments),
                        bug -> LOG.log(Level.ERROR, "CNI: " + bug.getMessage(), bug));
        CniServer server =
                CniServer.listen(
                        settings.cniSocket(), dispatcher, CniServer.Limits.DEFAULT, latency);
        opened.add(server);
        new Tombstones(settings.tombstones())
                .replay(dispatcher, Instant.now(), warning -> LOG.log(Level.WARNING, warning));
        opened.add(
                NodeApi.serve(
                        node,
                        new AgentCalls(
                                manifests,
                                ipam,
                                watch,
                                addressing,
                                claims,
                                unseen,
                                new CniCalls(server, latency))));
        return new Agent(opened, node);
    }

    /**
     * Takes back what an agent left that does not run any more, its state too.
     *
     * @param force also when containers are attached
     * @return how many were
     * @throws NodeException when one runs, or containers are attached
     */
    public static int remove(AgentSettings settings, boolean force) {
        MachineCheck.require();
        int attached = takeBack(settings, force);
        Leftovers.removeTree(settings.stateDirectory());
        Leftovers.removeIfEmpty(settings.runDirectory());
        return attached;
    }

    private static int takeBack(AgentSettings settings, boolean force) {
        NodeConfig config = settings.node();
        try (NodeLock _ =
                        NodeLock.take(
                                settings.instance(), settings.runDirectory(), "agent --remove");
                Ledger ledger = Ledger.open(settings.stateDirectory().resolve("ledger"));
                Journal journal = Journal.open(settings.runDirectory())) {
            Attachments attachments = new Attachments(ledger);
            List<String> links = Healing.links(config);
            List<Attachment> attached = Healing.attached(config, attachments);
            if (!attached.isEmpty() && !force) {
                throw new NodeException(
                        NodeException.Cause.INPUT,
                        "agent '"
                                + settings.instance()
                                + "' has "
                                + attached.size()
                                + " containers attached: stop them first, or add --force and they"
                                + " lose the network");
            }
            try (Unplugger unplugger = new Unplugger(Wiring.host(config))) {
                unplugger.unplug(links);
                unplugger.unplug(Bridge.madeBy(config));
            }
            Healing.release(config, attached);
            if (journal.holds(Journal.Thing.AGENT)) {
                journal.gone(Journal.Thing.AGENT, settings.runDirectory().toString());
            }
            Leftovers.remove(journal, config);
            return attached.size();
        }
    }

    /** {@return what manifests say: the directory's, and over it what was applied} */
    private static List<Resource> desired(AgentSettings settings, ManifestStore manifests) {
        Map<Object, Resource> desired = new LinkedHashMap<>();
        settings.configuration()
                .manifests()
                .map(directory ->
                        new ManifestReader().offline().readAll(List.of(Path.of(directory))))
                .orElse(List.of())
                .forEach(resource -> desired.put(resource.ref(), resource));
        manifests.resources().forEach(resource -> desired.put(resource.ref(), resource));
        return List.copyOf(desired.values());
    }

    public Node node() {
        return node;
    }

    /** Ends the process's part: guests, programs and policy go on. */
    @Override
    public void close() {
        RuntimeException failure = null;
        for (AutoCloseable resource : opened.reversed()) {
            try {
                resource.close();
            } catch (Exception e) {
                RuntimeException cause =
                        e instanceof RuntimeException r ? r : new IllegalStateException(e);
                if (failure == null) {
                    failure = cause;
                } else {
                    failure.addSuppressed(cause);
                }
            }
        }
        if (failure != null) {
            throw failure;
        }
    }
}
