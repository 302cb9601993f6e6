package io.weft.datapath;

import io.weft.kernel.testing.KernelTest;
import org.junit.jupiter.api.Nested;

/** All of {@link DirectReturnTest}, with XDP at the uplinks: nothing may be otherwise. */
class DirectXdpTest {
    @Nested
    @KernelTest
    class Generic extends DirectReturnTest {
        @Override
        DirectNodes create() {
            return DirectNodes.create(Xdp.GENERIC, true);
        }
    }

    @Nested
    @KernelTest
    class Native extends DirectReturnTest {
        @Override
        DirectNodes create() {
            return DirectNodes.create(Xdp.NATIVE, true);
        }
    }
}
