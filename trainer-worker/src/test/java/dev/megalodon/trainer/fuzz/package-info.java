/** Damaged input of every kind that users give: one-line errors, nothing else. */
@NullMarked
package dev.megalodon.trainer.fuzz;

import org.jspecify.annotations.NullMarked;
