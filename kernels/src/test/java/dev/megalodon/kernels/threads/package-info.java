/** The team of threads. */
@NullMarked
package dev.megalodon.kernels.threads;

import org.jspecify.annotations.NullMarked;
