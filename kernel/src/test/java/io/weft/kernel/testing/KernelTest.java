package io.weft.kernel.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Marks a test class that changes the real kernel. It needs root: without it the class is skipped,
 * and with {@code CI=true} that is a failure. After each test the number of open descriptors, the
 * names in /run/netns and the links of this namespace must be what they were before. Those whose
 * name holds the process id of another running JVM do not count, nor do those of nodes whose
 * instance is not named after this one's, so that test runs and nodes can share a machine: name
 * what you make {@code weft-t-<what><pid>-<number>}.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(KernelTestExtension.class)
public @interface KernelTest {}
