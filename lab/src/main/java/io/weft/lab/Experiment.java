package io.weft.lab;

import java.util.List;

/** One question, answered by measuring on this machine. */
public interface Experiment {
    /** {@return as {@code weft lab run} names it} */
    String name();

    /** {@return what is compared, in one sentence} */
    String question();

    /** {@return how it is measured and how noise is met, in a sentence or two} */
    String method();

    /** {@return chapters of the source document whose tables it answers} */
    List<String> tables();

    /** {@return what the machine must have for it} */
    default List<Capability> needs() {
        return List.of(Capability.NAMESPACES);
    }

    /** {@return seconds that it takes on two processors, for the time left} */
    int usualSeconds(boolean quick);

    /**
     * Measures. Everything that it makes it takes back, also when it is ended.
     *
     * @throws Commands.ToolException when a program refuses
     */
    Report run(Run run);
}
