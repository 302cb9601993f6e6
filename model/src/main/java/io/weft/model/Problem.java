package io.weft.model;

/**
 * One thing wrong in a manifest.
 *
 * @param field path from the object's root: {@code spec.ingress[0].ports[1].endPort}; empty when
 *     the whole document is meant
 * @param reason what is wrong, and what would be right
 */
public record Problem(Source source, String object, String field, String reason) {
    /**
     * {@return {@code policy.yaml:12: NetworkPolicy shop/web: spec.podSelector: required value}}
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(source.toString());
        for (String part : new String[] {object, field, reason}) {
            if (!part.isEmpty()) {
                text.append(": ").append(part);
            }
        }
        return text.toString();
    }
}
