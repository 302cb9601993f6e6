@NullMarked
package io.weft.lab.report;

import org.jspecify.annotations.NullMarked;
