/** Tests of tokenizers. */
@NullMarked
package dev.megalodon.trainer.tokenizer;

import org.jspecify.annotations.NullMarked;
