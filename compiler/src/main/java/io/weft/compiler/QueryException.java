package io.weft.compiler;

/** A question that has no answer because one of its parts does not exist. */
public final class QueryException extends RuntimeException {
    public QueryException(String message) {
        super(message);
    }
}
