package io.weft.cni;

import io.weft.model.Mac;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** Texts that the specification restricts. */
final class Values {
    /** Container ids and names of networks. */
    static final String NAME_FORM = "a letter or digit, then letters, digits, '_', '.' and '-'";

    static final String INTERFACE_FORM =
            "1 to 15 bytes without '/', ':' and white space, and not '.' or '..'";

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
    private static final Pattern INTERFACE = Pattern.compile("[^/:\\s\\p{Cntrl}]{1,15}");
    private static final int SHOWN = 80;

    private Values() {}

    static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    static boolean isInterface(String text) {
        return INTERFACE.matcher(text).matches()
                && text.getBytes(StandardCharsets.UTF_8).length <= 15
                && !text.equals(".")
                && !text.equals("..");
    }

    static Optional<Mac> mac(String text) {
        try {
            return Optional.of(Mac.parse(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** {@return as in messages: quoted, and cut when long} */
    static String shown(Object value) {
        String text = value.toString();
        return value instanceof String ? "'" + cut(text) + "'" : cut(text);
    }

    private static String cut(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }
}
