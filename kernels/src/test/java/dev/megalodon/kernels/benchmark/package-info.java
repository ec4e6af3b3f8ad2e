/** Measurements to run by hand; the module's README has the commands and what they gave. */
@NullMarked
package dev.megalodon.kernels.benchmark;

import org.jspecify.annotations.NullMarked;
