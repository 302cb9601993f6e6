package io.weft.datapath;

import io.weft.kernel.testing.KernelTest;
import org.junit.jupiter.api.Nested;

/** All of {@link ServiceTrafficTest}, with XDP at the uplink: nothing may be otherwise. */
class XdpTrafficTest {
    /** XDP does it, and sends back itself what leaves again. */
    @Nested
    @KernelTest
    class Generic extends ServiceTrafficTest {
        @Override
        ServiceNode create() {
            return ServiceNode.create(Xdp.GENERIC, true);
        }
    }

    /** XDP rewrites, and tc sends on. */
    @Nested
    @KernelTest
    class Native extends ServiceTrafficTest {
        @Override
        ServiceNode create() {
            return ServiceNode.create(Xdp.NATIVE, true);
        }
    }
}
