/**
 * Megalodon (arXiv 2404.08801): configuration, parameters in one flat buffer, forward pass and
 * hand-written backward pass over a {@link dev.megalodon.kernels.Device}, streaming evaluation and
 * generation. Knows nothing of ranks, optimizers or files other than parameter files.
 */
@NullMarked
package dev.megalodon.trainer.model;

import org.jspecify.annotations.NullMarked;
