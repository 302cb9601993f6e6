@NullMarked
package io.weft.tables;

import org.jspecify.annotations.NullMarked;
