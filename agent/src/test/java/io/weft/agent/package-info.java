@NullMarked
package io.weft.agent;

import org.jspecify.annotations.NullMarked;
