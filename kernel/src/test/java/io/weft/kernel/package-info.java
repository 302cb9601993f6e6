@NullMarked
package io.weft.kernel;

import org.jspecify.annotations.NullMarked;
