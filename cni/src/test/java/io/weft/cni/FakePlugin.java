package io.weft.cni;

import io.weft.cni.CniResult.Address;
import io.weft.cni.CniResult.Dns;
import io.weft.cni.CniResult.Interface;
import io.weft.cni.CniResult.Route;
import io.weft.model.Ip;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** Remembers what it was asked, and answers ADD with one fixed result. */
final class FakePlugin implements CniPlugin, IpamPlugin {
    static final CniResult RESULT =
            new CniResult(
                    List.of(
                            Interface.onHost("weft0a1b2c3d", "0a:58:00:00:00:01", 1500),
                            Interface.inSandbox(
                                    "eth0", "0a:58:00:00:00:02", 1500, "/run/netns/blue")),
                    List.of(
                            new Address(
                                    IpNet.tryParse("10.1.0.5/24").orElseThrow(),
                                    Ip.tryParse("10.1.0.1"),
                                    OptionalInt.of(1)),
                            new Address(
                                    IpNet.tryParse("fd00::5/64").orElseThrow(),
                                    Optional.empty(),
                                    OptionalInt.of(1))),
                    List.of(
                            Route.via(
                                    IpNet.tryParse("0.0.0.0/0").orElseThrow(),
                                    Ip.tryParse("10.1.0.1"))),
                    new Dns(List.of("10.1.0.1"), "", List.of("cluster.local"), List.of()));

    record Asked(String what, CniRequest request, List<AttachmentId> valid) {}

    final List<Asked> asked = new CopyOnWriteArrayList<>();
    volatile Consumer<Asked> then = _ -> {};

    private void ask(String what, CniRequest request, List<AttachmentId> valid) {
        Asked one = new Asked(what, request, valid);
        asked.add(one);
        then.accept(one);
    }

    @Override
    public CniResult add(CniRequest request) {
        ask("add", request, List.of());
        return RESULT;
    }

    @Override
    public void delete(CniRequest request) {
        ask("delete", request, List.of());
    }

    @Override
    public void check(CniRequest request) {
        ask("check", request, List.of());
    }

    @Override
    public void gc(CniRequest request, List<AttachmentId> valid) {
        ask("gc", request, valid);
    }

    @Override
    public void status(CniRequest request) {
        ask("status", request, List.of());
    }

    @Override
    public CniResult ipamAdd(CniRequest request) {
        ask("ipamAdd", request, List.of());
        return CniResult.ofIpam(RESULT.ips(), RESULT.routes(), RESULT.dns());
    }

    @Override
    public void ipamDelete(CniRequest request) {
        ask("ipamDelete", request, List.of());
    }

    @Override
    public void ipamCheck(CniRequest request) {
        ask("ipamCheck", request, List.of());
    }

    @Override
    public void ipamGc(CniRequest request, List<AttachmentId> valid) {
        ask("ipamGc", request, valid);
    }

    @Override
    public void ipamStatus(CniRequest request) {
        ask("ipamStatus", request, List.of());
    }
}
