package io.weft.dns;

import java.util.List;

/** The records of one type at one name, ready to be copied behind a question for that name. */
final class RrSet {
    private final int type;
    private final List<Rr> records;
    private final byte[][] encoded;

    /**
     * @param records of one type, at least one
     */
    RrSet(List<Rr> records, int ttl) {
        this.type = records.getFirst().type();
        this.records = List.copyOf(records);
        this.encoded = records.stream().map(r -> r.encode(ttl)).toArray(byte[][]::new);
    }

    int type() {
        return type;
    }

    List<Rr> records() {
        return records;
    }

    int size() {
        return encoded.length;
    }

    /** {@return with {@link Wire#TO_QUESTION} as its owner} */
    byte[] encoded(int index) {
        return encoded[index];
    }
}
