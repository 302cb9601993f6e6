/** Packets through the real programs, and tables into the real maps. */
@NullMarked
package io.weft.datapath;

import org.jspecify.annotations.NullMarked;
