/** Tests of the model, one class for each value or reader. */
@NullMarked
package io.weft.model;

import org.jspecify.annotations.NullMarked;
