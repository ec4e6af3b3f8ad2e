/** Matrix multiplication and the views between tensors and ND4J. */
@NullMarked
package dev.megalodon.kernels.gemm;

import org.jspecify.annotations.NullMarked;
