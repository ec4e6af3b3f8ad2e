package dev.megalodon.trainer.tokenizer;

import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Path;
import java.util.Objects;

/** The tokenizers of the tests, made by {@code resources/tokenizers/make_fixtures.py}. */
public final class TestTokenizers {
  private TestTokenizers() {}

  /** A file of the fixtures. */
  public static Path file(String name) {
    try {
      URL resource = TestTokenizers.class.getResource("/tokenizers/" + name);
      return Path.of(Objects.requireNonNull(resource, name).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The source of a file of the fixtures. */
  public static TokenizerSource source(String name) {
    return name.endsWith(".model")
        ? new TokenizerSource.SentencePiece(file(name))
        : new TokenizerSource.HuggingFace(file(name));
  }

  static Tokenizer open(String name) {
    return Tokenizers.open(source(name));
  }
}
