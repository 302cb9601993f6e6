@NullMarked
package io.weft.lab;

import org.jspecify.annotations.NullMarked;
