package io.weft.claims;

/**
 * Where a statement comes from.
 *
 * @param link empty for the source document itself
 * @param date of what it refers to: {@code 2026-11}, or empty
 */
public record Reference(String name, String link, String date) {
    @Override
    public String toString() {
        return name
                + (link.isEmpty() ? "" : " <" + link + ">")
                + (date.isEmpty() ? "" : ", " + date);
    }
}
