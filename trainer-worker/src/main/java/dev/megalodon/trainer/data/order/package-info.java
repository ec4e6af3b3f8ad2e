/** Which windows of the text a step sees: pure functions of seed, step and sequence. */
@NullMarked
package dev.megalodon.trainer.data.order;

import org.jspecify.annotations.NullMarked;
