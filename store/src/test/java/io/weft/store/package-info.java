/** Tests of the ledger: examples, every crash of a model of a disk, damage, and real kills. */
@NullMarked
package io.weft.store;

import org.jspecify.annotations.NullMarked;
