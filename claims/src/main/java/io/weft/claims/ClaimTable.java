package io.weft.claims;

import java.util.List;
import java.util.Optional;

/**
 * A table of the source document.
 *
 * @param id {@code 9.2}; a chapter with several tables has {@code 8-hooks}
 * @param chapter {@code 9.2}
 * @param columns without the one that names the rows
 */
public record ClaimTable(
        String id, String chapter, Words title, List<Heading> columns, List<Row> rows) {
    public ClaimTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
    }

    /** A column's or a row's name. */
    public record Heading(String id, Words title) {}

    /**
     * @param cells in the order of the columns; the document leaves some out
     */
    public record Row(String id, Words title, List<Claim> cells) {
        public Row {
            cells = List.copyOf(cells);
        }

        public Optional<Claim> cell(String column) {
            return cells.stream().filter(c -> c.column().equals(column)).findFirst();
        }
    }

    public Optional<Row> row(String id) {
        return rows.stream().filter(r -> r.id().equals(id)).findFirst();
    }
}
