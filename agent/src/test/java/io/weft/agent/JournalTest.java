package io.weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.agent.Journal.Entry;
import io.weft.agent.Journal.Thing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JournalTest {
    @TempDir private Path directory;

    private Path file() {
        return directory.resolve("journal");
    }

    @Test
    void tellsTheNextRunWhatACrashLeftNewestFirst() {
        Journal crashed = Journal.open(directory);
        crashed.making(Thing.PINS, "/sys/fs/bpf/weft/default");
        crashed.making(Thing.NAMESPACE, "weft.default.shop.web");
        crashed.making(Thing.NAMESPACE, "weft.default.shop.db");
        crashed.gone(Thing.NAMESPACE, "weft.default.shop.web");
        // no close: the process was killed

        try (Journal next = Journal.open(directory)) {
            assertThat(next.leftovers())
                    .containsExactly(
                            new Entry(Thing.NAMESPACE, "weft.default.shop.db"),
                            new Entry(Thing.PINS, "/sys/fs/bpf/weft/default"));
        }
        crashed.close();
    }

    @Test
    void leavesNoFileWhenNothingIsLeft() {
        try (Journal journal = Journal.open(directory)) {
            journal.making(Thing.NAMESPACE, "a");
            assertThat(file()).exists();
            journal.gone(Thing.NAMESPACE, "a");
        }

        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void keepsTheFileWhileSomethingIsLeft() {
        try (Journal journal = Journal.open(directory)) {
            journal.making(Thing.NAMESPACE, "a");
        }

        assertThat(file()).hasContent("+ NAMESPACE a");
    }

    @Test
    void ignoresALineThatWasNotWrittenToItsEnd() throws IOException {
        Files.writeString(file(), "+ NAMESPACE weft.default.shop.web\n+ NAMESPACE weft.default.sh");

        try (Journal journal = Journal.open(directory)) {
            assertThat(journal.leftovers())
                    .containsExactly(new Entry(Thing.NAMESPACE, "weft.default.shop.web"));
        }
    }

    @Test
    void writesOnAfterALineThatWasNotWrittenToItsEnd() throws IOException {
        Files.writeString(file(), "+ NAMESPACE a\n- NAMESP");
        Journal crashed = Journal.open(directory);
        crashed.making(Thing.NAMESPACE, "b");

        try (Journal journal = Journal.open(directory)) {
            assertThat(journal.leftovers())
                    .containsExactly(
                            new Entry(Thing.NAMESPACE, "b"), new Entry(Thing.NAMESPACE, "a"));
        }
        crashed.close();
    }

    @Test
    void readsEveryBeginningOfAFileAsSomeMomentOfItsPast() throws IOException {
        String whole = "+ PINS /p\n+ NAMESPACE a\n+ NAMESPACE b\n- NAMESPACE a\n";
        List<List<Entry>> past =
                List.of(
                        List.of(),
                        List.of(new Entry(Thing.PINS, "/p")),
                        List.of(new Entry(Thing.NAMESPACE, "a"), new Entry(Thing.PINS, "/p")),
                        List.of(
                                new Entry(Thing.NAMESPACE, "b"),
                                new Entry(Thing.NAMESPACE, "a"),
                                new Entry(Thing.PINS, "/p")),
                        List.of(new Entry(Thing.NAMESPACE, "b"), new Entry(Thing.PINS, "/p")));
        for (int length = 0; length <= whole.length(); length++) {
            String begun = whole.substring(0, length);
            Files.writeString(file(), begun);
            try (Journal journal = Journal.open(directory)) {
                int lines = (int) begun.chars().filter(c -> c == '\n').count();
                assertThat(journal.leftovers()).as(begun).isEqualTo(past.get(lines));
            }
        }
    }

    @Test
    void namesALineThatItCannotRead() throws IOException {
        Files.writeString(file(), "+ NAMESPACE a\n+ PALACE b\n");

        assertThatThrownBy(() -> Journal.open(directory))
                .isInstanceOf(NodeException.class)
                .hasMessage(
                        file()
                                + ":2: not a line of a journal: '+ PALACE b'; remove what it names,"
                                + " then the file");
    }

    @Test
    void staysShortHoweverManyComeAndGo() throws IOException {
        try (Journal journal = Journal.open(directory)) {
            journal.making(Thing.PINS, "/sys/fs/bpf/weft/default");
            for (int i = 0; i < 40_000; i++) {
                journal.making(Thing.NAMESPACE, "weft.default.shop.pod-" + i);
                journal.gone(Thing.NAMESPACE, "weft.default.shop.pod-" + i);
            }
            journal.making(Thing.NAMESPACE, "weft.default.shop.last");

            // 40,000 pairs are more than 3 MB of lines
            assertThat(Files.size(file())).isLessThan(2 << 20);
            try (Journal reader = Journal.open(directory)) {
                assertThat(reader.leftovers())
                        .containsExactly(
                                new Entry(Thing.NAMESPACE, "weft.default.shop.last"),
                                new Entry(Thing.PINS, "/sys/fs/bpf/weft/default"));
            }
            journal.gone(Thing.NAMESPACE, "weft.default.shop.last");
            journal.gone(Thing.PINS, "/sys/fs/bpf/weft/default");
        }
        assertThat(directory).isEmptyDirectory();
    }
}
