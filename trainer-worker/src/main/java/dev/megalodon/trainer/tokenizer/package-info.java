/** Text to token ids and back: bytes, SentencePiece models and Hugging Face tokenizer files. */
@NullMarked
package dev.megalodon.trainer.tokenizer;

import org.jspecify.annotations.NullMarked;
