package io.weft.compiler;

/** Something that can say what policy decides. */
public interface Engine {
    /** {@return what policy says about the first packet of this flow} */
    Decision decide(Query query);

    /**
     * {@return likewise, of a flow whose destination a service chose: it is judged even when it
     * comes back to its source}
     */
    default Decision decideTranslated(Query query) {
        return decide(query);
    }
}
