@NullMarked
package dev.megalodon.trainer.training;

import org.jspecify.annotations.NullMarked;
