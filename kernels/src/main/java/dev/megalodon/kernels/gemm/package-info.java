/**
 * Matrix multiplication in single precision on the host: one written in the Vector API, and the
 * OpenBLAS that comes with ND4J. Which one runs is chosen by name and never changes silently.
 */
@NullMarked
package dev.megalodon.kernels.gemm;

import org.jspecify.annotations.NullMarked;
