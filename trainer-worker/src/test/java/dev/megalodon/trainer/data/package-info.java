@NullMarked
package dev.megalodon.trainer.data;

import org.jspecify.annotations.NullMarked;
