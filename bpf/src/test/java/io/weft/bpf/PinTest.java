package io.weft.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.weft.kernel.Linux;
import io.weft.kernel.testing.KernelTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** On a bpffs of its own, so that the machine's is left alone. */
@KernelTest
class PinTest {
    private Path mount;

    @BeforeEach
    void mount() throws IOException {
        mount = Files.createTempDirectory("weft-t-bpffs");
        BpfFs.mount(mount);
    }

    @AfterEach
    void unmount() throws IOException {
        Linux.unmount(mount, Linux.MNT_DETACH);
        Files.delete(mount);
    }

    @Test
    void pinnedMapsAreTakenUpAgain() {
        ObjectSpec spec = TestObjects.spec("maps");
        LoadOptions options = LoadOptions.DEFAULT.withPinDirectory(mount.resolve("node/maps"));
        int id;
        try (LoadedObject first = spec.load(options)) {
            first.map("kept").typed(Codec.U32, Codec.U32).put(1, 11);
            id = first.map("kept").info().id();
        }
        try (LoadedObject second = spec.load(options)) {
            assertThat(second.map("kept").info().id()).isEqualTo(id);
            assertThat(second.map("kept").typed(Codec.U32, Codec.U32).get(1)).contains(11);
        }
        try (BpfMap alone = BpfMap.openPinned(mount.resolve("node/maps/kept"))) {
            assertThat(alone.info().id()).isEqualTo(id);
            assertThat(alone.name()).isEqualTo("kept");
        }
        assertThat(mount.resolve("node/maps/flows")).doesNotExist();
    }

    @Test
    void aPinnedMapOfAnotherShapeIsNotTaken() {
        ObjectSpec spec = TestObjects.spec("maps");
        LoadOptions options = LoadOptions.DEFAULT.withPinDirectory(mount);
        spec.load(options).close();
        assertThatThrownBy(() -> spec.withMaxEntries("kept", 5).load(options))
                .isInstanceOf(IncompatibleMapException.class)
                .hasMessageContaining("wanted: kept: HASH, key 4, value 4, 5 entries, flags 0x0")
                .hasMessageContaining(
                        "pinned at " + mount + "/kept: kept: HASH, key 4, value 4, 4 entries");
    }

    @Test
    void aLoadThatFailsLeavesNoPinBehind() {
        LoadOptions options = LoadOptions.DEFAULT.withPinDirectory(mount);
        ObjectSpec bad = TestObjects.spec("maps").withoutMaps("flows");
        assertThatThrownBy(() -> bad.load(options)).hasMessageContaining("flows");
        assertThat(mount.resolve("kept")).doesNotExist();
    }

    @Test
    void pinningNeedsADirectory() {
        assertThatThrownBy(() -> TestObjects.spec("maps").load())
                .isInstanceOf(ObjectFormatException.class)
                .hasMessageContaining("map kept wants to be pinned");
    }

    @Test
    void pinningNeedsABpffs() throws IOException {
        Path plain = Files.createTempDirectory("weft-t-plain");
        try (BpfMap map = BpfMap.create(TestObjects.spec("maps").map("kept"))) {
            assertThat(BpfFs.contains(plain)).isFalse();
            assertThatThrownBy(() -> map.pin(plain.resolve("map")))
                    .isInstanceOf(BpfException.class)
                    .hasMessageContaining("no bpffs there")
                    .hasMessageContaining("mount -t bpf bpf /sys/fs/bpf");
            assertThatThrownBy(() -> BpfFs.removeRecursively(plain))
                    .hasMessageContaining("no bpffs there");
        } finally {
            Files.delete(plain);
        }
    }

    @Test
    void programsOutliveTheirObject() {
        Path pin = mount.resolve("pass");
        String tag;
        try (LoadedObject object = TestObjects.spec("globals").load()) {
            object.program("pass").pin(pin);
            tag = object.program("pass").tag();
            assertThatThrownBy(() -> object.program("count").pin(pin))
                    .hasMessageContaining("EEXIST");
        }
        try (BpfProgram pass = BpfProgram.openPinned(pin)) {
            assertThat(pass.tag()).isEqualTo(tag);
            assertThat(pass.testRun(TestRun.of(TestObjects.packet())).returned()).isEqualTo(2);
        }
        BpfFs.removeRecursively(pin);
        assertThatThrownBy(() -> BpfProgram.openPinned(pin)).hasMessageContaining("ENOENT");
    }

    @Test
    void directoriesAreRemovedWithAllPinsBelow() {
        assertThat(BpfFs.contains(mount.resolve("a/b/c"))).isTrue();
        BpfFs.makeDirectory(mount.resolve("a/b"));
        try (BpfMap map = BpfMap.create(TestObjects.spec("maps").map("kept"))) {
            map.pin(mount.resolve("a/b/one"));
            map.pin(mount.resolve("a/two"));
        }
        BpfFs.removeRecursively(mount.resolve("a"));
        assertThat(mount.resolve("a")).doesNotExist();
        BpfFs.removeRecursively(mount.resolve("a"));
    }

    @Test
    void theUsualPlaceIsMountedOnDemand() {
        BpfFs.ensureMounted();
        BpfFs.ensureMounted();
        assertThat(BpfFs.contains(BpfFs.DEFAULT)).isTrue();
    }
}
