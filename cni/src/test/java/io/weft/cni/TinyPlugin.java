package io.weft.cni;

import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.netlink.Address;
import io.weft.netlink.Cidr;
import io.weft.netlink.Link;
import io.weft.netlink.LinkAddress;
import io.weft.netlink.LinkSettings;
import io.weft.netlink.LinkSpec;
import io.weft.netlink.Netlink;
import io.weft.netlink.NetlinkException;
import io.weft.netlink.Route;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The least plugin that does all that is asked: routed pairs on one node, addresses from one small
 * pool, one thing at a time. A file for each lease lets others count them.
 */
class TinyPlugin implements CniPlugin, IpamPlugin {
    private static final int POOL = 12;
    private static final Cidr GATEWAY = Cidr.parse("169.254.1.1/32");

    /** What an ADD made. */
    private record Entry(String network, Optional<String> link, Optional<String> ip) {}

    private final NetNs node;
    private final Path leases;
    private final CniExec exec = new CniExec(Duration.ofSeconds(20));
    private final Map<AttachmentId, Entry> journal = new LinkedHashMap<>();
    private int links;

    TinyPlugin(NetNs node, Path leases) {
        this.node = node;
        this.leases = leases;
    }

    @Override
    public synchronized CniResult add(CniRequest request) {
        NetworkConfig config = request.config();
        if (journal.containsKey(request.attachment())) {
            throw new CniException(CniCode.EXISTS, request.attachment() + " is attached already");
        }
        if (config.prevResult().isPresent()) {
            journal.put(
                    request.attachment(),
                    new Entry(config.name(), Optional.empty(), Optional.empty()));
            return config.prevResult().get();
        }
        Optional<String> foreign = foreignIpam(config);
        CniResult addresses =
                foreign.isPresent()
                        ? exec.add(
                                foreign.get(),
                                request.environment(),
                                config.forIpam(),
                                config.version())
                        : lease();
        try {
            return attach(request, addresses, foreign.isEmpty());
        } catch (RuntimeException e) {
            if (foreign.isPresent()) {
                exec.call(CniCommand.DEL, foreign.get(), request.environment(), config.forIpam());
            } else {
                free(addresses.ips().getFirst().address().ip().toString());
            }
            throw e;
        }
    }

    private static Optional<String> foreignIpam(NetworkConfig config) {
        return Optional.of(config.ipam().type()).filter(t -> !t.isEmpty() && !t.equals("weft"));
    }

    private CniResult attach(CniRequest request, CniResult ipam, boolean own) {
        String ifname = request.environment().ifname();
        String name = "tiny" + ++links;
        String ip = ipam.ips().getFirst().address().ip().toString();
        try (Netlink host = Netlink.open(node);
                Netlink pod = Netlink.open(request.netns().orElseThrow())) {
            if (pod.links().get(ifname).isPresent()) {
                throw new CniException(CniCode.EXISTS, ifname + " is there already");
            }
            Link end =
                    host.links()
                            .create(
                                    new LinkSpec.Veth(
                                            LinkSettings.named(name),
                                            LinkSettings.named(ifname)
                                                    .in(request.netns().orElseThrow())));
            Link inside = pod.links().require(ifname);
            pod.links().setUp(inside.index());
            host.traffic().addClsact(end.index());
            host.links().setUp(end.index());
            pod.addresses().add(LinkAddress.of(inside.index(), Cidr.parse(ip + "/32")));
            pod.routes()
                    .add(
                            Route.to(Cidr.ALL_V4)
                                    .via(GATEWAY.address())
                                    .dev(inside.index())
                                    .onLink()
                                    .build());
            host.routes().add(Route.to(Cidr.host(Address.parse(ip))).dev(end.index()).build());
            journal.put(
                    request.attachment(),
                    new Entry(
                            request.config().name(),
                            Optional.of(name),
                            Optional.of(ip).filter(_ -> own)));
            return new CniResult(
                    List.of(
                            CniResult.Interface.onHost(name, text(end), 1500),
                            CniResult.Interface.inSandbox(
                                    ifname, text(inside), 1500, request.environment().netns())),
                    ipam.ips().stream()
                            .map(a ->
                                    new CniResult.Address(
                                            a.address(), a.gateway(), OptionalInt.of(1)))
                            .toList(),
                    ipam.routes(),
                    ipam.dns());
        }
    }

    private static String text(Link link) {
        return link.mac().map(Object::toString).orElse("");
    }

    @Override
    public synchronized void delete(CniRequest request) {
        remove(request.attachment());
        foreignIpam(request.config())
                .ifPresent(type ->
                        exec.call(
                                CniCommand.DEL,
                                type,
                                request.environment(),
                                request.config().forIpam()));
    }

    private void remove(AttachmentId id) {
        Entry entry = journal.remove(id);
        if (entry == null) {
            return;
        }
        entry.link()
                .ifPresent(name -> {
                    try (Netlink host = Netlink.open(node)) {
                        host.links().get(name).ifPresent(link -> host.links().delete(link.index()));
                    } catch (NetlinkException _) {
                        // it went with the container's namespace
                    }
                });
        entry.ip().ifPresent(this::free);
    }

    @Override
    public synchronized void check(CniRequest request) {
        Entry entry = journal.get(request.attachment());
        if (entry == null) {
            throw new CniException(CniCode.NOT_AS_ADDED, request.attachment() + " is not attached");
        }
        if (entry.link().isEmpty()) {
            return;
        }
        List<String> wrong = new ArrayList<>();
        String ifname = request.environment().ifname();
        try (Netlink pod = Netlink.open(request.netns().orElseThrow())) {
            Optional<Link> link = pod.links().get(ifname);
            if (link.isEmpty()) {
                wrong.add("no " + ifname);
            } else if (entry.ip().isPresent()
                    && pod.addresses().list(link.get().index()).stream()
                            .noneMatch(
                                    a -> a.address().toString().equals(entry.ip().get() + "/32"))) {
                wrong.add("no address " + entry.ip().get());
            }
            if (pod.routes().list(Route.MAIN).stream()
                    .noneMatch(r -> r.destination().length() == 0)) {
                wrong.add("no default route");
            }
        }
        try (Netlink host = Netlink.open(node)) {
            if (host.links().get(entry.link().get()).stream()
                    .flatMap(link -> host.traffic().qdiscs(link.index()).stream())
                    .noneMatch(q -> q.kind().equals("clsact"))) {
                wrong.add("no programs");
            }
        }
        if (!taken().containsAll(entry.ip().stream().toList())) {
            wrong.add("no lease");
        }
        if (!wrong.isEmpty()) {
            throw new CniException(CniCode.NOT_AS_ADDED, String.join(", ", wrong));
        }
    }

    @Override
    public synchronized void gc(CniRequest request, List<AttachmentId> valid) {
        for (AttachmentId id : List.copyOf(journal.keySet())) {
            Entry entry = journal.get(id);
            if (entry != null
                    && entry.network().equals(request.config().name())
                    && !valid.contains(id)) {
                remove(id);
            }
        }
    }

    @Override
    public synchronized void status(CniRequest request) {
        if (taken().size() == POOL) {
            throw new CniException(
                    CniCode.UNAVAILABLE, "all " + POOL + " addresses of the pool are taken");
        }
    }

    @Override
    public synchronized CniResult ipamAdd(CniRequest request) {
        CniResult result = lease();
        journal.put(
                request.attachment(),
                new Entry(
                        request.config().name(),
                        Optional.empty(),
                        Optional.of(result.ips().getFirst().address().ip().toString())));
        return result;
    }

    @Override
    public synchronized void ipamDelete(CniRequest request) {
        remove(request.attachment());
    }

    @Override
    public synchronized void ipamCheck(CniRequest request) {
        if (!journal.containsKey(request.attachment())) {
            throw new CniException(CniCode.NOT_AS_ADDED, request.attachment() + " has no address");
        }
    }

    @Override
    public synchronized void ipamGc(CniRequest request, List<AttachmentId> valid) {
        gc(request, valid);
    }

    @Override
    public synchronized void ipamStatus(CniRequest request) {
        status(request);
    }

    private Set<String> taken() {
        try (var files = Files.list(leases)) {
            TreeSet<String> names = new TreeSet<>();
            files.forEach(f -> names.add(f.getFileName() + ""));
            return names;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private CniResult lease() {
        Set<String> taken = taken();
        for (int i = 1; i <= POOL; i++) {
            String ip = "10.90.0." + i;
            if (!taken.contains(ip)) {
                try {
                    Files.createFile(leases.resolve(ip));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                return CniResult.ofIpam(
                        List.of(
                                new CniResult.Address(
                                        IpNet.tryParse(ip + "/32").orElseThrow(),
                                        Ip.tryParse("169.254.1.1"),
                                        OptionalInt.empty())),
                        List.of(
                                CniResult.Route.via(
                                        IpNet.tryParse("0.0.0.0/0").orElseThrow(),
                                        Optional.empty())),
                        CniResult.Dns.EMPTY);
            }
        }
        throw new CniException(CniCode.NO_ADDRESS, "all " + POOL + " addresses are taken");
    }

    private void free(String ip) {
        try {
            Files.deleteIfExists(leases.resolve(ip));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
