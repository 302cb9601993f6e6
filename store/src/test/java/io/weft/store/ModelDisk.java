package io.weft.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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

    /**
     * A change of names: {@code file} is gone from one and appears at the other; empty: neither.
     */
    private record Naming(String from, String to, Content file) {
        void on(Map<String, Content> names) {
            names.remove(from);
            if (!to.isEmpty()) {
                names.put(to, file);
            }
        }
    }

    /** Names as programs see them. */
    private final Map<String, Content> names = new TreeMap<>();

    /** Names as they were at the last sync, and what was done to them since, in order. */
    private Map<String, Content> durableNames = new TreeMap<>();

    private final List<Naming> pending = new ArrayList<>();

    /** Runs before each step that changes something. */
    Runnable beforeStep = () -> {};

    /** Makes a write or a sync fail when it gives an error. */
    Faults faults = (operation, name) -> null;

    /** What goes wrong. */
    interface Faults {
        @Nullable IOException on(String operation, String name);
    }

    /**
     * {@return disks as a power failure would leave them now}: any of the unsynced changes of
     * names; when the first so many, then with the unsynced bytes of files cut at each place, or in
     * place but with zeros instead of their first half.
     */
    List<ModelDisk> afterPowerFailure() {
        List<ModelDisk> disks = new ArrayList<>();
        for (int some = 0; some < 1 << pending.size(); some++) {
            Map<String, Content> left = new TreeMap<>(durableNames);
            for (int i = 0; i < pending.size(); i++) {
                if ((some & 1 << i) != 0) {
                    pending.get(i).on(left);
                }
            }
            int most = 0;
            for (Content file : left.values()) {
                most = Math.max(most, file.bytes.length - file.durable);
            }
            boolean first = (some & (some + 1)) == 0;
            for (int cut = first ? 0 : most; cut <= most; cut++) {
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
        IdentityHashMap<Content, Content> copies = new IdentityHashMap<>();
        names.forEach(
                (name, file) -> disk.names.put(name, copies.computeIfAbsent(file, Content::copy)));
        durableNames.forEach((name, file) ->
                disk.durableNames.put(name, copies.computeIfAbsent(file, Content::copy)));
        pending.forEach(p ->
                disk.pending.add(
                        new Naming(p.from, p.to, copies.computeIfAbsent(p.file, Content::copy))));
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
            pending.add(new Naming("", name, file));
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

    @Override
    public void rename(String from, String to) throws IOException {
        step("rename", from);
        Naming change = new Naming(from, to, file(from));
        change.on(names);
        pending.add(change);
    }

    @Override
    public void delete(String name) throws IOException {
        step("delete", name);
        if (names.containsKey(name)) {
            Naming change = new Naming(name, "", file(name));
            change.on(names);
            pending.add(change);
        }
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
