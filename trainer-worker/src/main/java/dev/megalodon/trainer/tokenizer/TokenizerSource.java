package dev.megalodon.trainer.tokenizer;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Where a tokenizer comes from. */
public sealed interface TokenizerSource {
  /** No file: one token for each byte. */
  record Bytes() implements TokenizerSource {}

  /** A SentencePiece model. */
  record SentencePiece(Path file) implements TokenizerSource {}

  /** A Hugging Face {@code tokenizer.json}. */
  record HuggingFace(Path file) implements TokenizerSource {}

  /**
   * What {@link Tokenizer#identity} of this tokenizer says. Reads the file, but loads nothing.
   *
   * @throws WorkerExit {@code MISSING_INPUT} naming the file that cannot be read
   */
  default String identity() {
    return switch (this) {
      case Bytes() -> ByteTokenizer.IDENTITY;
      case SentencePiece(Path file) -> "sentencepiece sha256:" + digest(file);
      case HuggingFace(Path file) -> "huggingface sha256:" + digest(file);
    };
  }

  private static String digest(Path file) {
    try {
      return Sha256.ofFile(file);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  /** The error of a file that cannot be read. */
  static WorkerExit unreadable(Path file, IOException cause) {
    String why = cause instanceof NoSuchFileException ? "it is not there" : cause.getMessage();
    return new WorkerExit(
        ExitCode.MISSING_INPUT, "the tokenizer %s cannot be read: %s".formatted(file, why), cause);
  }
}
