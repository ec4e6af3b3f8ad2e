/** The text as tokens: text files, JSON lines and prepared shards, mapped and cut into windows. */
@NullMarked
package dev.megalodon.trainer.data;

import org.jspecify.annotations.NullMarked;
