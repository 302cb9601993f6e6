package io.weft.bpf;

/** What {@link BpfMap#update} does about an element that is there, or is not. */
public enum UpdateMode {
    /** Creates or replaces. */
    ANY(0),
    /** Creates; EEXIST when it is there. */
    NOEXIST(1),
    /** Replaces; ENOENT when it is not there. */
    EXIST(2),
    /**
     * Creates, or writes in place under the value's {@code bpf_spin_lock}; without it, a hash map
     * puts a new element in the place of the old one. Linux 5.1.
     */
    LOCK(4);

    private final int code;

    UpdateMode(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }
}
