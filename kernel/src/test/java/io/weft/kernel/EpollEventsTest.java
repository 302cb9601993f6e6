package io.weft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EpollEventsTest {
    private static void ring(Arena arena, Fd event) {
        Linux.write(event, arena.allocateFrom(ValueLayout.JAVA_LONG, 1));
    }

    @Test
    void bringsBackTheDataOfEachReadyDescriptor() {
        try (Arena arena = Arena.ofConfined();
                Fd epoll = Linux.epollCreate();
                Fd first = Linux.eventFd();
                Fd second = Linux.eventFd();
                Fd silent = Linux.eventFd()) {
            EpollEvents events = new EpollEvents(arena, 4);
            Linux.epollAdd(epoll, first, 0x1122334455667788L);
            Linux.epollAdd(epoll, second, -2);
            Linux.epollAdd(epoll, silent, 3);
            assertThat(Linux.epollWait(epoll, events, 0)).isZero();

            ring(arena, first);
            ring(arena, second);
            int ready = Linux.epollWait(epoll, events, -1);
            List<Long> data = new ArrayList<>();
            for (int i = 0; i < ready; i++) {
                data.add(events.data(i));
            }
            assertThat(data).containsExactlyInAnyOrder(0x1122334455667788L, -2L);
        }
    }

    @Test
    void returnsNoMoreThanThereIsRoomFor() {
        try (Arena arena = Arena.ofConfined();
                Fd epoll = Linux.epollCreate();
                Fd first = Linux.eventFd();
                Fd second = Linux.eventFd()) {
            Linux.epollAdd(epoll, first, 1);
            Linux.epollAdd(epoll, second, 2);
            ring(arena, first);
            ring(arena, second);
            assertThat(Linux.epollWait(epoll, new EpollEvents(arena, 1), -1)).isEqualTo(1);
        }
    }

    @Test
    void watchesADescriptorOnce() {
        try (Fd epoll = Linux.epollCreate();
                Fd event = Linux.eventFd()) {
            Linux.epollAdd(epoll, event, 1);
            assertThatThrownBy(() -> Linux.epollAdd(epoll, event, 2))
                    .isInstanceOfSatisfying(
                            KernelException.class, e -> assertThat(e.is(Errno.EEXIST)).isTrue())
                    .hasMessageStartingWith("epoll_ctl add eventfd");
        }
    }
}
