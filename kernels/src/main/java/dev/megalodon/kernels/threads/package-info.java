/** Splitting the work of one call over a few threads. */
@NullMarked
package dev.megalodon.kernels.threads;

import org.jspecify.annotations.NullMarked;
