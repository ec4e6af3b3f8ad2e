/** Files of tokens that {@code megalodon prepare} makes: the format, written and mapped. */
@NullMarked
package dev.megalodon.trainer.data.shard;

import org.jspecify.annotations.NullMarked;
