package dev.megalodon.trainer.tokenizer;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens tokenizers. */
public final class Tokenizers {
  /** Larger files are refused: the largest in use have a few ten megabytes. */
  private static final long LARGEST_FILE = 256L << 20;

  private Tokenizers() {}

  /**
   * Opens a tokenizer.
   *
   * @throws WorkerExit {@code MISSING_INPUT} or {@code BAD_DATA} naming the file that cannot be
   *     read or is no such file, {@code DEVICE_UNAVAILABLE} when the native library cannot start
   */
  public static Tokenizer open(TokenizerSource source) {
    return switch (source) {
      case TokenizerSource.Bytes() -> new ByteTokenizer();
      case TokenizerSource.SentencePiece(Path file) ->
          SentencePieceTokenizer.load(file, bytes(file), source.identity());
      case TokenizerSource.HuggingFace(Path file) ->
          HuggingFaceJsonTokenizer.load(file, bytes(file), source.identity());
    };
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw bad(file, "is larger than %d bytes".formatted(LARGEST_FILE), new IOException("size"));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw TokenizerSource.unreadable(file, e);
    }
  }

  static WorkerExit bad(Path file, String what, Throwable cause) {
    return new WorkerExit(
        ExitCode.BAD_DATA, "the tokenizer %s cannot be used: %s".formatted(file, what), cause);
  }

  static WorkerExit unavailable(Throwable cause) {
    return new WorkerExit(
        ExitCode.DEVICE_UNAVAILABLE,
        ("the tokenizers' native library cannot be loaded: %s; DJL_CACHE_DIR must name a folder"
                + " that can be written to and executed from")
            .formatted(cause),
        cause);
  }

  /** Text of bytes that must be UTF-8. */
  static String text(byte[] utf8) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
    } catch (CharacterCodingException e) {
      throw new WorkerExit(
          ExitCode.BAD_DATA, "the text is not UTF-8, which its tokenizer needs", e);
    }
  }
}
