/**
 * Every operation prepared on random inputs, for tests that hold for all of them: agreement with
 * the reference, fixed bits, bounded allocation.
 */
@NullMarked
package dev.megalodon.kernels.operations;

import org.jspecify.annotations.NullMarked;
