package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FdTest {
    private static boolean openInKernel(int number) {
        return Files.exists(Path.of("/proc/self/fd/" + number));
    }

    @Test
    void closesTheDescriptorOnce() {
        long before = Fd.openCount();
        Fd fd = Linux.eventFd();
        int number = fd.number();
        assertThat(fd.isOpen()).isTrue();
        assertThat(openInKernel(number)).isTrue();
        assertThat(Fd.openCount()).isEqualTo(before + 1);

        fd.close();
        fd.close();
        assertThat(fd.isOpen()).isFalse();
        assertThat(openInKernel(number)).isFalse();
        assertThat(Fd.openCount()).isEqualTo(before);
    }

    @Test
    void isOfNoUseAfterClose() {
        Fd fd = Linux.eventFd();
        fd.close();
        assertThatThrownBy(fd::number)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("eventfd is closed");
        assertThatThrownBy(fd::duplicate).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void duplicatesShareTheOpenFile() {
        Fd fd = Linux.eventFd();
        try (Fd copy = fd.duplicate()) {
            assertThat(copy.number()).isNotEqualTo(fd.number());
            fd.close();
            assertThat(copy.isOpen()).isTrue();
            assertThat(openInKernel(copy.number())).isTrue();
        }
    }

    @Test
    void refusesANumberThatIsNone() {
        assertThatThrownBy(() -> Fd.own(-1, "nothing"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nothing");
    }
}
