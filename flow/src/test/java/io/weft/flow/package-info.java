@NullMarked
package io.weft.flow;

import org.jspecify.annotations.NullMarked;
