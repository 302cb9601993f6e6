@NullMarked
package io.weft.netlink;

import org.jspecify.annotations.NullMarked;
