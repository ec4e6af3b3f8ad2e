/**
 * Every operation of every device against numbers that an independent FLOAT64 implementation
 * computed. The files under {@code golden/} hold inputs, outputs and gradients.
 */
@NullMarked
package dev.megalodon.kernels.golden;

import org.jspecify.annotations.NullMarked;
