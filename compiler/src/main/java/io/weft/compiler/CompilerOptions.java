package io.weft.compiler;

/**
 * What holds for all pods, whatever the manifests.
 *
 * @param auditAll whether pods are in audit mode that neither say themselves nor by their namespace
 *     (annotation {@code weft.io/audit}); {@code "false"} there exempts them
 */
public record CompilerOptions(boolean auditAll) {
    /** Every policy is enforced. */
    public static final CompilerOptions DEFAULT = new CompilerOptions(false);
}
