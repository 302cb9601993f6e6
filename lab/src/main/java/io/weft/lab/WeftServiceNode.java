package io.weft.lab;

import io.weft.agent.Node;
import io.weft.kernel.NetNs;
import io.weft.model.Ip;
import io.weft.model.Resource;
import java.util.ArrayList;
import java.util.List;

/** {@link ServiceNode} that is a real Weft node in a namespace of its own; it only grows. */
final class WeftServiceNode implements ServiceNode {
    private final Opened opened = new Opened();
    private final Node node;
    private final NetNs client;
    private final NetNs server;
    private final Ip pod;
    private int there;

    private WeftServiceNode() {
        try {
            node = opened.add(WeftPath.startNode(opened.add(NetNs.createAnonymous())));
            List<Resource> resources = new ArrayList<>(ServiceWorld.namespaces());
            resources.add(LabPods.pod("client"));
            resources.add(LabPods.pod("server"));
            node.apply(resources);
            client = opened.add(NetNs.open(WeftPath.endpoint(node, "client").namespace()));
            server = opened.add(NetNs.open(WeftPath.endpoint(node, "server").namespace()));
            pod = WeftPath.endpoint(node, "server").ips().getFirst();
        } catch (RuntimeException e) {
            opened.close();
            throw e;
        }
    }

    static WeftServiceNode create() {
        return new WeftServiceNode();
    }

    @Override
    public Cost load(int services) {
        long start = System.nanoTime();
        List<Resource> more = new ArrayList<>(ServiceWorld.services(there, services - 1));
        more.addAll(ServiceWorld.served(services - 1, pod));
        node.apply(more);
        there = services;
        return new Cost(Double.NaN, (System.nanoTime() - start) / 1e9);
    }

    @Override
    public double add(int service) {
        List<Resource> one = ServiceWorld.services(service, service + 1);
        long start = System.nanoTime();
        node.apply(one);
        double millis = (System.nanoTime() - start) / 1e6;
        node.delete(one.stream().map(Resource::ref).toList());
        return millis;
    }

    @Override
    public String name() {
        return "weft";
    }

    @Override
    public NetNs client() {
        return client;
    }

    @Override
    public NetNs server() {
        return server;
    }

    @Override
    public String pod() {
        return pod.toString();
    }

    @Override
    public void close() {
        opened.close();
    }
}
