package io.weft.netlink;

import io.weft.kernel.Fd;
import java.util.List;
import java.util.Optional;

/** One finished request message; the socket gives it its sequence number when it is sent. */
final class Request {
    static final int REQUEST = 0x1;
    static final int MULTI = 0x2;
    static final int ACK = 0x4;
    static final int DUMP_INTR = 0x10;

    static final int REPLACE = 0x100;
    static final int EXCL = 0x200;
    static final int CREATE = 0x400;

    /** NLM_F_ROOT | NLM_F_MATCH; the same bits as REPLACE and EXCL, but for RTM_GET*. */
    static final int DUMP = 0x300;

    /** Where an attribute stands: the offset of its header from the start of the message. */
    record Placed(int offset, Attr attr) {}

    private final String operation;
    private final byte[] bytes;
    private final List<Placed> attributes;
    private final List<Fd> descriptors;

    Request(String operation, byte[] bytes, List<Placed> attributes, List<Fd> descriptors) {
        this.operation = operation;
        this.bytes = bytes;
        this.attributes = List.copyOf(attributes);
        this.descriptors = List.copyOf(descriptors);
    }

    String operation() {
        return operation;
    }

    /** {@return the message itself, not a copy: readers must not write} */
    byte[] bytes() {
        return bytes;
    }

    /** Fails when a descriptor in the message was closed: its number may be another file's now. */
    void requireOpenDescriptors() {
        for (Fd fd : descriptors) {
            if (!fd.isOpen()) {
                throw new IllegalStateException(operation + ": closed before it was sent: " + fd);
            }
        }
    }

    /** {@return the attribute whose header is at {@code offset}} */
    Optional<Attr> attributeAt(int offset) {
        return attributes.stream()
                .filter(placed -> placed.offset() == offset)
                .map(Placed::attr)
                .findFirst();
    }

    @Override
    public String toString() {
        return operation;
    }
}
