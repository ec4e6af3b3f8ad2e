/** Tests of numbers in host memory. */
@NullMarked
package dev.megalodon.kernels.host;

import org.jspecify.annotations.NullMarked;
