package io.weft.ipam;

import io.weft.ipam.Keepers.Keeper;
import io.weft.ipam.Records.Kept;
import io.weft.ipam.Records.Rest;
import io.weft.model.Ip;
import io.weft.store.Batch;
import io.weft.store.Ledger;
import java.util.ArrayList;
import java.util.List;

/** Fills the memory from the ledger. */
final class Loader {
    private final Ledger ledger;
    private final Records records;
    private final Settings settings;
    private final TimeSource time;

    Loader(Ledger ledger, Records records, Settings settings, TimeSource time) {
        this.ledger = ledger;
        this.records = records;
        this.settings = settings;
        this.time = time;
    }

    /** Marks in {@code addresses} what is taken. {@return the claims} */
    Keepers load(Addresses addresses) {
        ledger.forEach(
                records.blocks(),
                (key, value) -> {
                    Ip base = Records.ip(key);
                    String node = Records.block(key, value);
                    addresses.all().forEach(space -> space.blocks().restore(base, node));
                });
        Keepers keepers = claims(addresses);
        ledger.forEach(
                records.leases(),
                (key, value) -> lease(records.lease(key, value), addresses, keepers));
        rests(addresses);
        return keepers;
    }

    private Keepers claims(Addresses addresses) {
        Keepers keepers = new Keepers();
        ledger.forEach(
                records.claims(),
                (key, value) -> {
                    Kept kept = Records.kept(key, value);
                    Keeper keeper =
                            new Keeper(records.claimKey(key), kept.pool(), kept.addresses());
                    keepers.byKey.put(keeper.key, keeper);
                    for (Ip ip : kept.addresses()) {
                        take(addresses, kept.pool(), ip, key);
                        addresses.space(kept.pool(), ip).ifPresent(Space::keep);
                    }
                });
        return keepers;
    }

    private void lease(Lease lease, Addresses addresses, Keepers keepers) {
        if (lease.claim().isPresent()) {
            Keeper keeper = keepers.byKey.get(lease.claim().get());
            if (keeper == null) {
                throw new IllegalStateException(
                        "ledger: " + lease.key() + " is of no claim: " + lease.claim().get());
            }
            keepers.hold(keeper, lease.key(), addresses);
            return;
        }
        for (Ip ip : lease.addresses()) {
            take(addresses, lease.pool(), ip, lease.key().toString());
        }
    }

    private static void take(Addresses addresses, String pool, Ip ip, String whose) {
        addresses
                .space(pool, ip)
                .ifPresent(space -> {
                    if (space.isTaken(ip)) {
                        throw new IllegalStateException(
                                "ledger: " + ip + " of " + whose + " is another's, too");
                    }
                    space.take(ip);
                });
    }

    private void rests(Addresses addresses) {
        record Resting(Space space, Ip ip, long deadline) {}
        Rest now = Rest.now(time);
        long cooldown = settings.cooldown().toNanos();
        List<Resting> resting = new ArrayList<>();
        List<String> over = new ArrayList<>();
        ledger.forEach(
                records.rests(),
                (key, value) -> {
                    Ip ip = Records.ip(key);
                    long left = cooldown - Records.rest(key, value).elapsedNanos(now);
                    Space space = addresses.space(ip).filter(s -> !s.isTaken(ip)).orElse(null);
                    if (left <= 0) {
                        over.add(key);
                    } else if (space != null) {
                        resting.add(new Resting(space, ip, now.monotonicNanos() + left));
                    }
                });
        resting.sort((a, b) -> Long.compare(a.deadline(), b.deadline()));
        for (Resting one : resting) {
            one.space().take(one.ip());
            one.space().rest(one.ip(), one.deadline());
        }
        for (int from = 0; from < over.size(); from += 4096) {
            try (Batch batch = new Batch()) {
                over.subList(from, Math.min(over.size(), from + 4096)).forEach(batch::remove);
                ledger.write(batch);
            }
        }
    }
}
