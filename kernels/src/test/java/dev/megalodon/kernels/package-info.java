/** Tests of what all devices share. */
@NullMarked
package dev.megalodon.kernels;

import org.jspecify.annotations.NullMarked;
