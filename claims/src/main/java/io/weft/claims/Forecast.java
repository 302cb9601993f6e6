package io.weft.claims;

import java.util.List;

/**
 * A technology that the document expects (11.1, 11.3), and how far it is.
 *
 * @param expected as the document has it
 * @param today what public sources say
 * @param asOf when that was looked up: {@code 2026-11}
 */
public record Forecast(
        String id,
        String chapter,
        Words title,
        Words expected,
        Maturity maturity,
        Words today,
        String asOf,
        List<Reference> references) {
    public Forecast {
        references = List.copyOf(references);
    }
}
