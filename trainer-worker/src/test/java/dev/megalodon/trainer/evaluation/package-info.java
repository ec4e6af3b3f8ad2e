@NullMarked
package dev.megalodon.trainer.evaluation;

import org.jspecify.annotations.NullMarked;
