package io.weft.claims;

/** The languages in which Weft answers. */
public enum Language {
    EN,
    ZH;

    /**
     * {@return the language of a locale as LANG names it: {@code zh_CN.UTF-8}; English for all that
     * is not Chinese}
     */
    public static Language of(String locale) {
        return locale.startsWith("zh") ? ZH : EN;
    }
}
