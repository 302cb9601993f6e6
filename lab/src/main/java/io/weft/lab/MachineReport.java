package io.weft.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What this machine offers for each technology, found out by trying in a scratch namespace wherever
 * that changes nothing of the machine's own.
 *
 * @param items in groups that stand together
 */
public record MachineReport(List<Item> items) {
    /** Whether it is there. */
    public enum State {
        YES,
        NO,
        /** It could not be tried. */
        UNKNOWN
    }

    /**
     * One thing.
     *
     * @param detail what was found, or the kernel's own words
     * @param enable the one command that would turn it on; empty when it is on or nothing would
     */
    public record Item(
            String group, String name, State state, String detail, Optional<String> enable) {}

    public MachineReport {
        items = List.copyOf(items);
    }

    /** Tries everything; takes about a second, and root. */
    public static MachineReport probe() {
        List<Item> items = new ArrayList<>();
        KernelProbes.addTo(items);
        NetworkProbes.addTo(items);
        CardProbes.addTo(items);
        HostProbes.addTo(items);
        return new MachineReport(items);
    }

    /**
     * Tries one thing.
     *
     * @param attempt what was found, empty for nothing to say; what it throws is why it is not
     *     there
     */
    static Item attempt(
            String group, String name, Optional<String> enable, Supplier<String> attempt) {
        try {
            return new Item(group, name, State.YES, attempt.get(), Optional.empty());
        } catch (RuntimeException e) {
            return new Item(group, name, State.NO, String.valueOf(e.getMessage()), enable);
        }
    }

    /** {@return an item that is there or not} */
    static Item item(String group, String name, boolean there, String detail, String enable) {
        return new Item(
                group,
                name,
                there ? State.YES : State.NO,
                detail,
                there || enable.isEmpty() ? Optional.empty() : Optional.of(enable));
    }

    static Item unknown(String group, String name, String why, String enable) {
        return new Item(group, name, State.UNKNOWN, why, Optional.of(enable));
    }
}
