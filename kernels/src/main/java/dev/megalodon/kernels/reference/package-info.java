/**
 * The oracle: every operation as scalar FLOAT64 code that reads like its formula. Fast devices are
 * tested against it; nothing here is written for speed.
 */
@NullMarked
package dev.megalodon.kernels.reference;

import org.jspecify.annotations.NullMarked;
