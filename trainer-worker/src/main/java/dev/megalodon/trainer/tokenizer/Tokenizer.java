package dev.megalodon.trainer.tokenizer;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.nio.charset.StandardCharsets;

/**
 * Turns text into token ids and back. Nothing is added to a text: no token for its beginning or
 * end. Encoding and making decoders may be done by several threads at once.
 */
public interface Tokenizer extends AutoCloseable {
  /** How many tokens there are; ids are 0 to this − 1. */
  int vocabularySize();

  /**
   * What a model or prepared data must agree with: the kind and, if it comes from a file, the
   * file's SHA-256, as in {@code bytes} or {@code sentencepiece sha256:…}.
   */
  String identity();

  /**
   * The tokens of a text.
   *
   * @param utf8 UTF-8; for a byte tokenizer any bytes
   * @return as many ids as the text needs
   * @throws WorkerExit {@code BAD_DATA} when the bytes are not UTF-8 and must be
   */
  int[] encode(byte[] utf8);

  /** The tokens of a text. */
  default int[] encode(String text) {
    return encode(text.getBytes(StandardCharsets.UTF_8));
  }

  /** A decoder for one text, from its first token on. */
  TextDecoder decoder();

  /** The text of tokens; U+FFFD stands for what is no text. */
  default String decode(int[] ids) {
    TextDecoder decoder = decoder();
    StringBuilder text = new StringBuilder();
    for (int id : ids) {
      text.append(decoder.accept(id));
    }
    return text.append(decoder.finish()).toString();
  }

  /**
   * Refuses a model that has no row for some tokens.
   *
   * @param modelVocabulary the model's vocabSize
   * @throws WorkerExit {@code BAD_SPEC} with both numbers
   */
  default void requireFits(int modelVocabulary) {
    if (vocabularySize() > modelVocabulary) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "the tokenizer (%s) has %d tokens and the model's vocabSize is %d: make it %d or more"
              .formatted(identity(), vocabularySize(), modelVocabulary, vocabularySize()));
    }
  }

  @Override
  void close();
}
