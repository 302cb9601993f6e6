package io.weft.agent;

import io.weft.bpf.BpfFs;
import io.weft.compiler.CompilerOptions;
import io.weft.datapath.Datapath;
import io.weft.model.Ip;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What a node holds of its machine: the instance, the journal of what was made, addresses,
 * programs, maps.
 *
 * @param nodeAddresses every address of the machine, the pods' gateways among them
 */
record Machine(
        NodeConfig config,
        NodeLock lock,
        Journal journal,
        Wiring wiring,
        Datapath datapath,
        NodeServices services,
        Set<Ip> nodeAddresses) {
    private static final System.Logger LOG = System.getLogger(Machine.class.getName());

    /**
     * Takes the instance, takes back what a crashed predecessor left, and loads the datapath; or,
     * for a node that stays, takes over what its predecessor left running.
     *
     * @param purpose what this process does, shown to whoever finds the instance taken
     * @throws NodeException when the machine lacks something, or the instance is running already
     */
    static Machine take(NodeConfig config, String purpose) {
        MachineCheck.require();
        List<AutoCloseable> opened = new ArrayList<>();
        try {
            NodeLock lock = NodeLock.take(config.instance(), config.runDirectory(), purpose);
            opened.add(lock);
            Journal journal = Journal.open(config.runDirectory());
            opened.add(journal);
            boolean again = config.stays() && journal.holds(Journal.Thing.AGENT);
            if (!again) {
                Leftovers.remove(journal, config);
                opened.add(() -> Leftovers.remove(journal, config)); // of a start that failed
            }
            requirePinFileSystem(config);
            if (!again) {
                Leftovers.refuseForeignPins(config.pinDirectory());
            }
            Wiring wiring = Wiring.open(config, again);
            opened.add(wiring);
            if (!again) {
                wiring.gateways()
                        .forEach(ip -> journal.making(Journal.Thing.ADDRESS, ip.toString()));
            }
            wiring.addNodeAddresses();
            journal.making(Journal.Thing.PINS, config.pinDirectory().toString());
            Datapath datapath = Datapath.open(config.pinDirectory(), config.limits());
            opened.add(datapath);
            NodeServices services = NodeServices.open(config, datapath, wiring.gateways());
            opened.add(services);
            Set<Ip> nodeAddresses = wiring.nodeAddresses();
            if (config.stays()) {
                journal.making(Journal.Thing.AGENT, config.runDirectory().toString());
            }
            return new Machine(config, lock, journal, wiring, datapath, services, nodeAddresses);
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

    /** {@return what holds for all pods; the uplinks' addresses stand for the node outside} */
    CompilerOptions options() {
        CompilerOptions options = config.options();
        return new CompilerOptions(
                options.auditAll(),
                options.services()
                        .withPrimary(wiring.globalAddresses(config.services().uplinkNames())));
    }

    /** Mounts the BPF file system where it belongs, as systemd does: not every machine has it. */
    private static void requirePinFileSystem(NodeConfig config) {
        if (BpfFs.contains(config.pinDirectory())) {
            return;
        }
        if (!config.pinDirectory().startsWith(BpfFs.DEFAULT)) {
            throw new NodeException(
                    NodeException.Cause.MACHINE,
                    config.pinDirectory()
                            + " is on no BPF file system: mount -t bpf bpf "
                            + config.pinDirectory()
                            + ", or choose a directory below "
                            + BpfFs.DEFAULT);
        }
        BpfFs.ensureMounted();
        LOG.log(Level.INFO, "mounted a BPF file system at " + BpfFs.DEFAULT + "; it stays");
    }

    /** Lets go of it: what is pinned and wired goes on. */
    void leave() {
        services.leave();
        datapath.close();
        wiring.close();
        journal.close();
        lock.close();
    }

    /** Takes everything back. */
    void giveBack() {
        services.close();
        datapath.close();
        Leftovers.removePins(config.pinDirectory());
        journal.gone(Journal.Thing.PINS, config.pinDirectory().toString());
        wiring.removeNodeAddresses();
        wiring.close();
        wiring.gateways().forEach(ip -> journal.gone(Journal.Thing.ADDRESS, ip.toString()));
        journal.close();
        lock.close();
        Leftovers.removeIfEmpty(config.runDirectory());
        Leftovers.removeIfEmpty(config.runDirectory().resolveSibling(""));
    }
}
