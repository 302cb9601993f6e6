package io.weft.compiler;

/**
 * What holds whatever the manifests.
 *
 * @param auditAll whether pods are in audit mode that neither say themselves nor by their namespace
 *     (annotation {@code weft.io/audit}); {@code "false"} there exempts them
 */
public record CompilerOptions(boolean auditAll, ServiceOptions services) {
    /** Every policy is enforced. */
    public static final CompilerOptions DEFAULT = new CompilerOptions(false);

    public CompilerOptions(boolean auditAll) {
        this(auditAll, ServiceOptions.DEFAULT);
    }
}
