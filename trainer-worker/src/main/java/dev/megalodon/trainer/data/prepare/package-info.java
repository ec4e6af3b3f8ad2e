/** Making shards of tokens from text: {@code megalodon prepare}. */
@NullMarked
package dev.megalodon.trainer.data.prepare;

import org.jspecify.annotations.NullMarked;
