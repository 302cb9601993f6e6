package io.weft.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that knows what is durable, and tells of each step, so that a test can ask what
 * a power failure would have left there.
 */
final class ModelDisk implements Disk {
    /** A file: the bytes up to {@code durable} outlive a power failure. */
    static final class Content {
        byte[] bytes = new byte[0];
        int durable;

        Content copy() {
            Content copy = new Content();
            copy.bytes = bytes.clone();
            copy.durable = durable;
            return copy;
        }
    }

    /** Names as programs see them. */
    private final Map<String, Content> names = new TreeMap<>();

    /** Names as they were at the last sync, and what was done to them since, in order. */
    private Map<String, Content> durableNames = new TreeMap<>();

    private final List<Consumer<Map<String, Content>>> pending = new ArrayList<>();

    /** Runs before each step that changes something. */
    Runnable beforeStep = () -> {};

    /** Makes a write or a sync fail when it gives an error. */
    Faults faults = (operation, name) -> null;

    /** What goes wrong. */
    interface Faults {
        @Nullable IOException on(String operation, String name);
    }

    /**
     * {@return disks as a power failure would leave them now}: each number of the steps on names,
     * with the unsynced bytes of files cut at each place, or in place as they were written, with
     * zeros in front of their last half
     */
    List<ModelDisk> afterPowerFailure() {
        List<ModelDisk> disks = new ArrayList<>();
        for (int steps = 0; steps <= pending.size(); steps++) {
            Map<String, Content> left = new TreeMap<>(durableNames);
            for (Consumer<Map<String, Content>> step : pending.subList(0, steps)) {
                step.accept(left);
            }
            int most = 0;
            for (Content file : left.values()) {
                most = Math.max(most, file.bytes.length - file.durable);
            }
            for (int cut = 0; cut <= most; cut++) {
                disks.add(of(left, cut, false));
            }
            disks.add(of(left, most, true));
        }
        return disks;
    }

    private static ModelDisk of(Map<String, Content> left, int unsynced, boolean holes) {
        ModelDisk disk = new ModelDisk();
        left.forEach((name, file) -> {
            Content copy = new Content();
            int length = Math.min(file.bytes.length, file.durable + unsynced);
            copy.bytes = Arrays.copyOf(file.bytes, length);
            if (holes) {
                Arrays.fill(copy.bytes, file.durable, (file.durable + length) / 2, (byte) 0);
            }
            copy.durable = length;
            disk.names.put(name, copy);
            disk.durableNames.put(name, copy);
        });
        return disk;
    }

    /** {@return the disk as the next process finds it after kill -9} */
    ModelDisk afterKill() {
        ModelDisk disk = new ModelDisk();
        names.forEach((name, file) -> disk.names.put(name, file.copy()));
        return disk;
    }

    byte[] bytes(String name) {
        return file(name).bytes;
    }

    void replace(String name, byte[] bytes) {
        file(name).bytes = bytes;
    }

    private Content file(String name) {
        Content file = names.get(name);
        if (file == null) {
            throw new AssertionError("there is no " + name + " in " + names.keySet());
        }
        return file;
    }

    private void step(String operation, String name) throws IOException {
        beforeStep.run();
        IOException fault = faults.on(operation, name);
        if (fault != null) {
            throw fault;
        }
    }

    @Override
    public String where() {
        return "model";
    }

    @Override
    public List<String> names() {
        return List.copyOf(names.keySet());
    }

    @Override
    public Input read(String name) {
        Content file = file(name);
        return new Input() {
            @Override
            public long size() {
                return file.bytes.length;
            }

            @Override
            public int read(long position, byte[] into, int offset, int count) {
                int available = (int) Math.max(0, Math.min(count, file.bytes.length - position));
                System.arraycopy(file.bytes, (int) position, into, offset, available);
                return available;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public Output write(String name, long length) throws IOException {
        step("open", name);
        Content known = names.get(name);
        Content file = known == null ? new Content() : known;
        file.bytes = Arrays.copyOf(file.bytes, (int) length);
        file.durable = Math.min(file.durable, (int) length);
        if (known == null) {
            names.put(name, file);
            pending.add(map -> map.put(name, file));
        }
        return new Output() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                step("write", name);
                int at = file.bytes.length;
                file.bytes = Arrays.copyOf(file.bytes, at + bytes.remaining());
                bytes.get(file.bytes, at, bytes.remaining());
            }

            @Override
            public void sync() throws IOException {
                step("sync", name);
                file.durable = file.bytes.length;
            }

            @Override
            public void close() {}
        };
    }

    private static void move(Map<String, Content> map, String from, String to) {
        Content file = map.remove(from);
        if (file != null) {
            map.put(to, file);
        }
    }

    @Override
    public void rename(String from, String to) throws IOException {
        step("rename", from);
        move(names, from, to);
        pending.add(map -> move(map, from, to));
    }

    @Override
    public void delete(String name) throws IOException {
        step("delete", name);
        names.remove(name);
        pending.add(map -> map.remove(name));
    }

    @Override
    public void sync() throws IOException {
        step("sync", "");
        pending.clear();
        durableNames = new TreeMap<>(names);
    }

    @Override
    public void close() {}
}
