/** AdamW over the flat parameter buffer, each rank updating its own slices. */
@NullMarked
package dev.megalodon.trainer.optimizer;

import org.jspecify.annotations.NullMarked;
