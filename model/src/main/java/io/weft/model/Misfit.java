package io.weft.model;

/**
 * Answers to what is right in itself, and does not fit the rest of its object.
 *
 * @param refuse whether it is an error, as it is to the API server; otherwise a warning
 */
record Misfit(boolean refuse) {
    private static final String LEFT_OUT = "; it is left out";

    void forbidden(Field field, String detail) {
        if (refuse) {
            field.forbidden(detail);
        } else {
            field.warn(detail + LEFT_OUT);
        }
    }

    void invalid(Field field, String detail) {
        if (refuse) {
            field.invalid(detail);
        } else {
            field.warn(detail + LEFT_OUT);
        }
    }

    void missing(Field parent, String key, String detail) {
        if (refuse) {
            parent.missing(key, detail);
        } else {
            parent.warn("has no `" + key + "`; " + detail);
        }
    }
}
