@NullMarked
package dev.megalodon.trainer.optimizer;

import org.jspecify.annotations.NullMarked;
