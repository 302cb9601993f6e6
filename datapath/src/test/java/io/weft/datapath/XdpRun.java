package io.weft.datapath;

import io.weft.bpf.Bytes;
import io.weft.bpf.TestRun;
import io.weft.kernel.NetNs;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * What {@code xdp_uplink} made of a frame.
 *
 * @param mark bytes in front of the frame, for {@code from_uplink}
 */
record XdpRun(int action, int mark, Bytes data) {
    static final int DROP = 1;
    static final int PASS = 2;
    static final int TX = 3;

    /**
     * @param ifindex of an interface of {@code netns} that is up
     */
    static XdpRun of(Datapath datapath, NetNs netns, int ifindex, byte[] frame) {
        byte[] context =
                ByteBuffer.allocate(TestRun.XDP_MD_SIZE)
                        .order(ByteOrder.nativeOrder())
                        .putInt(4, frame.length)
                        .putInt(12, ifindex)
                        .array();
        TestRun run = TestRun.of(frame).withContext(context);
        TestRun.Result result =
                netns.call(() -> datapath.program(Datapath.XDP_UPLINK).testRun(run));
        byte[] data = result.data().toArray();
        int mark =
                ByteBuffer.wrap(result.context().toArray())
                        .order(ByteOrder.nativeOrder())
                        .getInt(0);
        return new XdpRun(
                result.returned(), mark, Bytes.copyOf(Arrays.copyOfRange(data, mark, data.length)));
    }

    byte[] frame() {
        return data.toArray();
    }
}
