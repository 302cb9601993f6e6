package io.weft.cni;

/**
 * What a plugin says to its caller.
 *
 * @param exitCode 0, or 1 when {@code stdout} is an error
 * @param stdout empty or one JSON object
 * @param stderr for people; empty but when called without CNI_COMMAND
 */
public record CniAnswer(int exitCode, String stdout, String stderr) {
    static CniAnswer success(String stdout) {
        return new CniAnswer(0, stdout, "");
    }

    static CniAnswer error(CniException e, CniVersion version) {
        return new CniAnswer(1, e.toJson(version), "");
    }
}
