package dev.megalodon.trainer.data.prepare;

/**
 * A part of a document that is tokenized by itself.
 *
 * @param text UTF-8, or any bytes for a byte tokenizer
 * @param endsDocument whether the document ends here
 * @param bytesRead bytes of the source that it took, for progress
 */
record Piece(byte[] text, boolean endsDocument, long bytesRead) {}
