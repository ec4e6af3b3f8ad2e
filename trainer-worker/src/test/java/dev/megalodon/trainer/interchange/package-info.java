@NullMarked
package dev.megalodon.trainer.interchange;

import org.jspecify.annotations.NullMarked;
