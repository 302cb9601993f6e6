/** What every module's kernel tests share: {@link io.weft.kernel.testing.KernelTest}. */
@NullMarked
package io.weft.kernel.testing;

import org.jspecify.annotations.NullMarked;
