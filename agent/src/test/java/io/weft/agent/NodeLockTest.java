package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeLockTest {
    @TempDir private Path temporary;

    private Path directory() {
        return temporary.resolve("run");
    }

    private NodeLock take() {
        return NodeLock.take("blue", directory(), "weft test");
    }

    /** Takes the lock, says so, and holds it until it is killed. */
    static final class Holder {
        private Holder() {}

        public static void main(String[] arguments) throws IOException {
            try (NodeLock held = NodeLock.take("blue", Path.of(arguments[0]), "weft up shop")) {
                Objects.requireNonNull(held);
                System.out.println("held");
                System.in.read();
            }
        }
    }

    @Test
    void namesTheProcessThatHoldsIt() {
        try (ChildJvm holder = ChildJvm.start(Holder.class, directory())) {
            assertThat(holder.line()).startsWith("held");

            assertThatThrownBy(this::take)
                    .isInstanceOfSatisfying(
                            NodeException.class,
                            e -> assertThat(e.cause()).isEqualTo(NodeException.Cause.MACHINE))
                    .hasMessage(
                            "instance 'blue' is already running (pid %d, weft up shop): stop it"
                                    + " first, or choose another --instance",
                            holder.pid());
        }
    }

    @Test
    void isFreeAsSoonAsItsHolderIsKilled() {
        ChildJvm holder = ChildJvm.start(Holder.class, directory());
        assertThat(holder.line()).startsWith("held");
        holder.kill();
        assertThat(directory().resolve("lock")).exists();

        take().close();
    }

    @Test
    void isRefusedASecondTimeInTheSameProcessAndNotLostByThat() {
        try (NodeLock first = take()) {
            assertThat(first).isNotNull();
            assertThatThrownBy(this::take)
                    .isInstanceOf(NodeException.class)
                    .hasMessageContaining("instance 'blue' is already running (pid ")
                    .hasMessageContaining("this very process");

            // another process would get the lock if the second try had dropped it
            try (ChildJvm other = ChildJvm.start(Other.class, directory())) {
                assertThat(other.line())
                        .contains(
                                "already running (pid "
                                        + ProcessHandle.current().pid()
                                        + ", weft test)");
            }
        }
        take().close();
    }

    /** Tries to take the lock and says what came of it. */
    static final class Other {
        private Other() {}

        public static void main(String[] arguments) {
            try (NodeLock taken = NodeLock.take("blue", Path.of(arguments[0]), "weft other")) {
                Objects.requireNonNull(taken);
                System.out.println("got it");
            } catch (NodeException e) {
                System.out.println(e.getMessage());
            }
        }
    }

    @Test
    void leavesNoFile() {
        take().close();

        assertThat(directory()).isEmptyDirectory();
    }

    @Test
    void isNotMistakenForTheFileOfAnEarlierHolder() throws IOException {
        try (NodeLock old = take()) {
            assertThat(old).isNotNull();
            // what a reader of the directory sees must be what is locked
            assertThat(Files.readString(directory().resolve("lock")))
                    .isEqualTo("pid " + ProcessHandle.current().pid() + ", weft test");
        }
        try (NodeLock next = NodeLock.take("blue", directory(), "weft next")) {
            assertThat(next).isNotNull();
            assertThat(directory().resolve("lock"))
                    .hasContent("pid " + ProcessHandle.current().pid() + ", weft next");
        }
    }
}
