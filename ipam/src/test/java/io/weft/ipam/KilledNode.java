package io.weft.ipam;

import io.weft.store.Ledger;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Leases and releases until it is killed; says each that is durable. Run by {@link NodeKillTest}.
 */
final class KilledNode {
    static final int WORKERS = 8;

    private KilledNode() {}

    /** Takes the directory. */
    public static void main(String[] args) throws InterruptedException {
        try (Ledger ledger = Ledger.open(Path.of(args[0]))) {
            Ipam ipam =
                    Ipam.open(
                            ledger, NodeKillTest.POOLS, NodeKillTest.SETTINGS, TimeSource.system());
            Thread last = Thread.currentThread();
            for (int i = 0; i < WORKERS; i++) {
                int worker = i;
                last = Thread.ofVirtual().start(() -> work(ipam, worker));
            }
            last.join();
        }
    }

    private static void work(Ipam ipam, int worker) {
        for (int n = 0; ; n = (n + 1) % 5) {
            LeaseKey key = Given.key("w" + worker + "-" + n);
            Optional<Lease> held = ipam.find(key);
            if (held.isPresent()) {
                say("DEL " + key.containerId());
                ipam.release(key);
                say("deleted " + key.containerId());
            } else {
                Request request = Request.of(key, Given.pod("p"), "default");
                Lease lease = ipam.acquire(n == 0 ? request.keptBy(claim(worker)) : request);
                say("added " + key.containerId() + " " + lease.addresses());
            }
        }
    }

    static ClaimKey claim(int worker) {
        return new ClaimKey(ClaimKey.Kind.POD, "shop", "db-" + worker, "eth0");
    }

    private static synchronized void say(String line) {
        System.out.println(line);
        System.out.flush();
    }
}
