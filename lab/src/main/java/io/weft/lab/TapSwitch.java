package io.weft.lab;

import io.weft.kernel.Fd;
import io.weft.kernel.KernelException;
import io.weft.kernel.Linux;
import io.weft.kernel.NetNs;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A process that holds one end of two taps and moves each frame to the other, as a hypervisor
 * without vhost does: two system calls a frame, nothing else.
 */
public final class TapSwitch {
    private static final Path DEVICE = Path.of("/dev/net/tun");
    private static final long TUNSETIFF = 0x400454caL;
    private static final short TAP_WITHOUT_HEADER = 0x1002; // IFF_TAP | IFF_NO_PI
    private static final int IFREQ = 40;
    private static final int MOST_BYTES = 1 << 16;

    private TapSwitch() {}

    /** Starts it; its taps are called eth0, and end with it. */
    static PeerProcess start(NetNs client, NetNs server) {
        String own = "/proc/" + ProcessHandle.current().pid() + "/fd/";
        return PeerProcess.start(
                client,
                TapSwitch.class,
                List.of(
                        Integer.toString(PodToPod.CPU),
                        own + client.fd().number(),
                        own + server.fd().number()));
    }

    /**
     * @param arguments CPU, and the files of two namespaces
     */
    public static void main(String[] arguments) throws InterruptedException {
        int cpu = Integer.parseInt(arguments[0]);
        Fd one = tap(arguments[1]);
        Fd other = tap(arguments[2]);
        Thread back = Thread.ofPlatform().start(() -> move(cpu, other, one));
        System.out.println("ready");
        move(cpu, one, other);
        back.join();
    }

    private static Fd tap(String namespace) {
        try (NetNs home = NetNs.open(Path.of(namespace))) {
            return home.call(() -> open("eth0"));
        }
    }

    /** {@return the process's end of a new tap of this namespace} */
    private static Fd open(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        Fd device = Linux.open(DEVICE, Linux.O_RDWR);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment request = arena.allocate(IFREQ, 8);
            MemorySegment.copy(bytes, 0, request, ValueLayout.JAVA_BYTE, 0, bytes.length);
            request.set(ValueLayout.JAVA_SHORT, 16, TAP_WITHOUT_HEADER);
            Linux.ioctl(device, TUNSETIFF, request);
            return device;
        } catch (RuntimeException e) {
            device.close();
            throw e;
        }
    }

    private static void move(int cpu, Fd from, Fd to) {
        Linux.pinThread(cpu);
        Peer.inRealTime();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(MOST_BYTES);
            while (true) {
                try {
                    int length = Linux.read(from, buffer);
                    Linux.write(to, buffer.asSlice(0, length));
                } catch (KernelException e) {
                    // EIO: the other side is still down; the frame is lost, as on a cable
                }
            }
        }
    }
}
