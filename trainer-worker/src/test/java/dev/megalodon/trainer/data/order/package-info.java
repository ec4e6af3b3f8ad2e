/** Tests of the package of the same name. */
@NullMarked
package dev.megalodon.trainer.data.order;

import org.jspecify.annotations.NullMarked;
