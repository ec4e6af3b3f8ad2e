@NullMarked
package dev.megalodon.trainer.parallel.cost;

import org.jspecify.annotations.NullMarked;
