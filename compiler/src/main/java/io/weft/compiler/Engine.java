package io.weft.compiler;

/** Something that can say what policy decides. */
public interface Engine {
    /** {@return what policy says about the first packet of this flow} */
    Decision decide(Query query);
}
