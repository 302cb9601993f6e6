package io.weft.cni;

import java.util.LinkedHashMap;
import java.util.Map;

/** What a plugin answers instead of a result: code, message, details. */
public final class CniException extends RuntimeException {
    private final int code;
    private final String text;
    private final String details;

    public CniException(int code, String message) {
        this(code, message, "");
    }

    /**
     * @param code one of {@link CniCode}
     * @param details longer text, or nothing; runtimes show it after the message
     */
    public CniException(int code, String message, String details) {
        super("CNI error " + code + ": " + message + (details.isEmpty() ? "" : "; " + details));
        this.code = code;
        this.text = message;
        this.details = details;
    }

    public int code() {
        return code;
    }

    /** {@return the message alone, without code and details} */
    public String text() {
        return text;
    }

    public String details() {
        return details;
    }

    /** {@return the error as the specification has it, for stdout} */
    public String toJson(CniVersion version) {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("cniVersion", version.text());
        error.put("code", code);
        error.put("msg", text);
        if (!details.isEmpty()) {
            error.put("details", details);
        }
        return Json.text(error);
    }
}
