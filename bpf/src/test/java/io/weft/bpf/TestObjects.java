package io.weft.bpf;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The compiled programs of src/test/c, and packets to run them on. */
final class TestObjects {
    static final List<String> ALL =
            List.of("globals", "maps", "calls", "events", "hooks", "rejected");

    private TestObjects() {}

    static byte[] bytes(String name) {
        try (InputStream in =
                Objects.requireNonNull(TestObjects.class.getResourceAsStream("/" + name + ".o"))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static ObjectSpec spec(String name) {
        return ObjectSpec.read(bytes(name));
    }

    /** A frame whose first four bytes are {@code first}. */
    static byte[] packet(int... first) {
        byte[] packet = new byte[64];
        for (int i = 0; i < first.length; i++) {
            packet[i] = (byte) first[i];
        }
        return packet;
    }

    /** {@return the {@code __u64} called {@code variable} in .bss of a loaded object} */
    static long bss(LoadedObject object, String name, String variable) {
        Btf.Field field = Objects.requireNonNull(spec(name).btf().variables(".bss").get(variable));
        byte[] bss = object.map(".bss").lookup(new byte[4]).orElseThrow();
        return ByteBuffer.wrap(bss).order(ByteOrder.LITTLE_ENDIAN).getLong(field.offset());
    }

    /** Waits for what the kernel does in its own time; the deadline is only against hanging. */
    static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it never happened");
            }
            LockSupport.parkNanos(100_000);
        }
    }
}
