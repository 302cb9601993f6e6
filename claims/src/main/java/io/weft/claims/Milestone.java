package io.weft.claims;

import java.util.List;

/**
 * A year of the document's timeline (11.2).
 *
 * @param event as the document has it
 * @param found what public sources say of it; a copy of the document's word when there is none
 */
public record Milestone(int year, Words event, Words found, List<Reference> references) {
    public Milestone {
        references = List.copyOf(references);
    }
}
