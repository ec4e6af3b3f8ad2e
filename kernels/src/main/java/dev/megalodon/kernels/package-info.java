/**
 * Devices: memory of one element type, matrix multiplication and the fused operations of Megalodon.
 * Knows nothing of models, jobs or networks.
 */
@NullMarked
package dev.megalodon.kernels;

import org.jspecify.annotations.NullMarked;
