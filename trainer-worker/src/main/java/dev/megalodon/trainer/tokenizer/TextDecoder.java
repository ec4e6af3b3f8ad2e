package dev.megalodon.trainer.tokenizer;

/**
 * Turns the tokens of one text into characters while they come. A token may end inside a character;
 * what is not yet a whole character is held back. Not safe for use by several threads.
 */
public interface TextDecoder {
  /**
   * Takes the next token.
   *
   * @param token an id; one that the vocabulary lacks is U+FFFD
   * @return the characters that are certain now and were not before, often none
   */
  String accept(int token);

  /** The characters still held back; U+FFFD for a character that the text ended in. */
  String finish();
}
