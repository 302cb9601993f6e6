package io.weft.cni;

/**
 * One thing that the specification asks for.
 *
 * @param point number in the suite's list; several cases may share one
 * @param name in words
 * @param section of the CNI specification 1.1.0
 */
record ConformanceCase(int point, String name, String section, Run run) {
    /** Finds out. */
    interface Run {
        /**
         * {@return what was seen, when it is right}
         *
         * @throws Failed when it is not
         * @throws NotApplicable when this plugin cannot be asked that
         */
        String run(ConformanceBench bench) throws Exception;
    }

    /** The plugin does not do what is asked; the message is what was seen. */
    static final class Failed extends Exception {
        Failed(String seen) {
            super(seen);
        }
    }

    /** The message is why. */
    static final class NotApplicable extends Exception {
        NotApplicable(String why) {
            super(why);
        }
    }
}
