/** Tests of the package of the same name. */
@NullMarked
package dev.megalodon.trainer.recovery;

import org.jspecify.annotations.NullMarked;
