/** Tensors in memory that the host can address: allocation, element access and conversion. */
@NullMarked
package dev.megalodon.kernels.host;

import org.jspecify.annotations.NullMarked;
