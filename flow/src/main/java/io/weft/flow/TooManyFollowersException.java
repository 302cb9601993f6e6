package io.weft.flow;

/** As many follow a {@link FlowLog} as may. */
public final class TooManyFollowersException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManyFollowersException(int limit) {
        super(
                "cannot follow the flow log: "
                        + limit
                        + " already do, which is the limit; stop one of them");
    }
}
