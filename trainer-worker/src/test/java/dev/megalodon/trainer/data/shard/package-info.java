/** Tests of the package of the same name. */
@NullMarked
package dev.megalodon.trainer.data.shard;

import org.jspecify.annotations.NullMarked;
