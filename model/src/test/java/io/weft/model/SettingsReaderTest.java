package io.weft.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    @TempDir private Path directory;

    private static SettingsReader parse(String text) {
        return SettingsReader.parse("s.yaml", text, "settings");
    }

    @Test
    void readsFieldByField() {
        SettingsReader s =
                parse(
                        """
                        name: web
                        count: 3
                        share: 0.5
                        on: true
                        size: 20us
                        inner: {deep: {x: 1}}
                        list: [{a: 1}, {a: 2}]
                        words: [p, q]
                        """);
        s.only(List.of("name", "count", "share", "on", "size", "inner", "list", "words", "rest"));
        assertThat(s.text("name")).contains("web");
        assertThat(s.integer("count", 1, 9)).hasValue(3);
        assertThat(s.number("share", 0, 1)).hasValue(0.5);
        assertThat(s.flag("on")).contains(true);
        assertThat(s.flag("rest")).isEmpty();
        assertThat(s.scalar("size")).contains("20us");
        assertThat(s.scalar("count")).contains("3");
        assertThat(s.object("inner").object("deep").integer("x", 0, 9)).hasValue(1);
        assertThat(s.isObject("inner")).isTrue();
        assertThat(s.objects("list")).hasSize(2);
        assertThat(s.texts("words")).containsExactly("p", "q");
        s.check();
    }

    @Test
    void tellsAllThatIsWrongAtOnce() {
        SettingsReader s = parse("nmae: web\ncount: 30\nshare: two\ninner: {deep: 5}\n");
        s.only(List.of("name", "count", "share", "inner"));
        s.integer("count", 1, 9);
        s.number("share", 0, 1);
        s.object("inner").object("deep");
        s.required("name", "what it is called");

        assertThatThrownBy(s::check)
                .isInstanceOf(ManifestException.class)
                .hasMessage(
                        """
                        s.yaml:1: settings: nmae: unknown field "nmae"; did you mean "name"?
                        s.yaml:1: settings: name: Required value: what it is called
                        s.yaml:2: settings: count: Invalid value: 30: must be from 1 to 9
                        s.yaml:3: settings: share: Invalid value: "two": must be a number from 0 to 1
                        s.yaml:4: settings: inner.deep: Invalid value: 5: must be a mapping of fields, not a number\
                        """);
    }

    @Test
    void aFileMustBeThereAndHoldOneMapping() throws IOException {
        assertThatThrownBy(() -> SettingsReader.read(directory.resolve("none"), "settings"))
                .hasMessageEndingWith("none: no such file or directory");
        assertThatThrownBy(() -> SettingsReader.read(directory, "settings"))
                .hasMessageContaining("cannot read: ");
        assertThatThrownBy(() -> parse("[1]")).hasMessageContaining("must be a mapping of fields");
        assertThatThrownBy(() -> parse("a: 1\n---\nb: 2")).hasMessageStartingWith("s.yaml:3: ");
        assertThatThrownBy(() -> parse("a: [")).hasMessageContaining("not YAML");
        Path empty = Files.writeString(directory.resolve("e.yaml"), "# nothing\n");
        assertThat(SettingsReader.read(empty, "settings").keys()).isEmpty();
    }
}
