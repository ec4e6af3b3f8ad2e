/**
 * Checks that the tensors of a call fit together, shared by all devices: one record per family of
 * operations, made from the call's arguments, that names what does not fit.
 */
@NullMarked
package dev.megalodon.kernels.shape;

import org.jspecify.annotations.NullMarked;
