package io.weft.model;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The syntax of names, in the API server's words (apimachinery {@code util/validation}). Each
 * method returns what is wrong, or nothing.
 */
final class Names {
    private static final String LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private static final String SUBDOMAIN = LABEL + "(\\." + LABEL + ")*";
    private static final String NAME_PART = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
    private static final String VALUE = "(" + NAME_PART + ")?";
    private static final Pattern IS_LABEL = Pattern.compile(LABEL);
    private static final Pattern IS_SUBDOMAIN = Pattern.compile(SUBDOMAIN);
    private static final Pattern IS_NAME_PART = Pattern.compile(NAME_PART);
    private static final Pattern IS_VALUE = Pattern.compile(VALUE);

    private Names() {}

    /** RFC 1123 label: namespaces, containers. */
    static Optional<String> dnsLabel(String text) {
        return wrong(
                text,
                63,
                IS_LABEL,
                "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or"
                        + " '-', and must start and end with an alphanumeric character (e.g."
                        + " 'my-name',  or '123-abc', regex used for validation is '"
                        + LABEL
                        + "')");
    }

    /** RFC 1123 subdomain: pods, policies. */
    static Optional<String> dnsSubdomain(String text) {
        return wrong(
                text,
                253,
                IS_SUBDOMAIN,
                "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric"
                        + " characters, '-' or '.', and must start and end with an alphanumeric"
                        + " character (e.g. 'example.com', regex used for validation is '"
                        + SUBDOMAIN
                        + "')");
    }

    /** The key of a label: {@code tier}, {@code example.com/tier}. */
    static Optional<String> labelKey(String text) {
        int slash = text.indexOf('/');
        String name = text.substring(slash + 1);
        if (text.indexOf('/', slash + 1) >= 0) {
            return Optional.of(
                    "a qualified name must have at most one '/': an optional DNS subdomain prefix"
                            + " and a name (e.g. 'example.com/MyName')");
        }
        if (slash == 0) {
            return Optional.of("prefix part must be non-empty");
        }
        if (slash > 0) {
            Optional<String> prefix = dnsSubdomain(text.substring(0, slash));
            if (prefix.isPresent()) {
                return prefix.map(reason -> "prefix part " + reason);
            }
        }
        if (name.isEmpty()) {
            return Optional.of("name part must be non-empty");
        }
        return wrong(
                        name,
                        63,
                        IS_NAME_PART,
                        "must consist of alphanumeric characters, '-', '_' or '.', and must start"
                                + " and end with an alphanumeric character (e.g. 'MyName',  or"
                                + " 'my.name',  or '123-abc', regex used for validation is '"
                                + NAME_PART
                                + "')")
                .map(reason -> "name part " + reason);
    }

    static Optional<String> labelValue(String text) {
        return wrong(
                text,
                63,
                IS_VALUE,
                "a valid label must be an empty string or consist of alphanumeric characters, '-',"
                        + " '_' or '.', and must start and end with an alphanumeric character"
                        + " (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for"
                        + " validation is '"
                        + VALUE
                        + "')");
    }

    /** An IANA service name (RFC 6335 §5.1) in lower case. */
    static Optional<String> portName(String text) {
        if (text.length() > 15) {
            return Optional.of("must be no more than 15 characters");
        }
        boolean letter = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            letter |= c >= 'a' && c <= 'z';
            if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-') {
                return Optional.of(
                        "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
            }
        }
        if (!letter) {
            return Optional.of("must contain at least one letter (a-z)");
        }
        if (text.contains("--")) {
            return Optional.of("must not contain consecutive hyphens");
        }
        if (text.startsWith("-") || text.endsWith("-")) {
            return Optional.of("must not begin or end with a hyphen");
        }
        return Optional.empty();
    }

    static Optional<String> portNumber(long number) {
        return number < 1 || number > 65535
                ? Optional.of("must be between 1 and 65535, inclusive")
                : Optional.empty();
    }

    /** Anything goes. */
    static Optional<String> any(String text) {
        return Optional.empty();
    }

    private static Optional<String> wrong(String text, int most, Pattern syntax, String reason) {
        if (text.length() > most) {
            return Optional.of("must be no more than " + most + " characters");
        }
        return syntax.matcher(text).matches() ? Optional.empty() : Optional.of(reason);
    }
}
