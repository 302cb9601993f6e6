package io.weft.bpf;

import io.weft.kernel.Errno;
import java.util.Optional;

/** The verifier rejected a program. The message ends with the last lines of its log. */
public final class VerifierException extends BpfException {
    private static final int TAIL_LINES = 12;

    private final String program;
    private final Errno errno;
    private final String log;
    private final transient Optional<SourceLine> source;

    VerifierException(String program, int errno, String log, Optional<SourceLine> source) {
        super(message(program, Errno.of(errno), log, source));
        this.program = program;
        this.errno = Errno.of(errno);
        this.log = log;
        this.source = source;
    }

    private static String message(
            String program, Errno errno, String log, Optional<SourceLine> source) {
        StringBuilder text = new StringBuilder("load program " + program + ": " + errno);
        source.ifPresent(line -> text.append(" at ").append(line));
        String[] lines = log.strip().split("\n", -1);
        int from = Math.max(0, lines.length - TAIL_LINES);
        text.append("\nverifier log");
        text.append(from == 0 ? ":" : ", last " + TAIL_LINES + " of " + lines.length + " lines:");
        for (int i = from; i < lines.length; i++) {
            text.append("\n  ").append(lines[i]);
        }
        return text.toString();
    }

    public String program() {
        return program;
    }

    public Errno errno() {
        return errno;
    }

    /** {@return all of the verifier's log, or its last 4 MiB} */
    public String log() {
        return log;
    }

    /** {@return the line of C that the verifier looked at last, when the object has line_info} */
    public Optional<SourceLine> source() {
        return source;
    }
}
