/** How well a model predicts a text of any length, in constant memory. */
@NullMarked
package dev.megalodon.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
