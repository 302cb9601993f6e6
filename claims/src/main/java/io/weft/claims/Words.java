package io.weft.claims;

/** The same text in each language. */
public record Words(String en, String zh) {
    /** {@return a text that needs no translation, such as a figure} */
    public static Words same(String text) {
        return new Words(text, text);
    }

    public String in(Language language) {
        return switch (language) {
            case EN -> en;
            case ZH -> zh;
        };
    }
}
