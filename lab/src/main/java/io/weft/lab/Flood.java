package io.weft.lab;

import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import io.weft.netlink.Address;
import io.weft.netlink.HardwareAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A process that sends one frame again and again, pinned and in real time: what it takes for each
 * is sending, and all that the kernel does with the frame on this processor.
 */
public final class Flood {
    private Flood() {}

    static PeerProcess start(NetNs namespace, UdpFrames.Route route, int port) {
        return PeerProcess.start(
                namespace,
                Flood.class,
                List.of(
                        Integer.toString(PodToPod.CPU),
                        Integer.toString(route.ifindex()),
                        route.own().toString(),
                        route.nextHop().toString(),
                        route.source().toString(),
                        route.destination().toString(),
                        Integer.toString(port)));
    }

    /** Sends so many. {@return nanoseconds for each} */
    static double send(PeerProcess flood, int count) {
        return Double.parseDouble(flood.ask(Integer.toString(count)));
    }

    /**
     * @param arguments CPU, ifindex, own MAC, next MAC, source, destination, port
     */
    public static void main(String[] arguments) throws IOException {
        Linux.pinThread(Integer.parseInt(arguments[0]));
        Peer.inRealTime();
        UdpFrames.Route route =
                new UdpFrames.Route(
                        Integer.parseInt(arguments[1]),
                        HardwareAddress.parse(arguments[2]),
                        HardwareAddress.parse(arguments[3]),
                        Address.parse(arguments[4]),
                        Address.parse(arguments[5]));
        int port = Integer.parseInt(arguments[6]);
        try (NetNs here = NetNs.current();
                UdpFrames frames = new UdpFrames(here, route);
                BufferedReader requests =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            System.out.println("ready");
            String line = requests.readLine();
            while (line != null) {
                System.out.println(frames.flood(Integer.parseInt(line), port, port));
                line = requests.readLine();
            }
        }
    }
}
