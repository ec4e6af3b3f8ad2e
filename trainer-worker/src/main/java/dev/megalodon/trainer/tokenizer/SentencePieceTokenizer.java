package dev.megalodon.trainer.tokenizer;

import ai.djl.sentencepiece.SpTokenizer;
import java.nio.file.Path;

/**
 * A SentencePiece model. The native library encodes; decoding is done here, since the library loses
 * characters beyond U+FFFF and ends the process on an id that it does not know.
 */
final class SentencePieceTokenizer implements Tokenizer {
  private final SpTokenizer library;
  private final SentencePieceModel model;
  private final String identity;

  private SentencePieceTokenizer(SpTokenizer library, SentencePieceModel model, String identity) {
    this.library = library;
    this.model = model;
    this.identity = identity;
  }

  /**
   * Loads a model.
   *
   * @param file named in errors
   */
  static SentencePieceTokenizer load(Path file, byte[] content, String identity) {
    NativeLibraries.configure();
    try {
      SentencePieceModel model = SentencePieceModel.parse(content);
      return new SentencePieceTokenizer(new SpTokenizer(content), model, identity);
    } catch (IllegalArgumentException e) {
      throw Tokenizers.bad(file, String.valueOf(e.getMessage()), e);
    } catch (UnsatisfiedLinkError | IllegalStateException | ExceptionInInitializerError e) {
      throw Tokenizers.unavailable(e);
    } catch (RuntimeException e) {
      throw Tokenizers.bad(file, "it is no SentencePiece model: " + e.getMessage(), e);
    }
  }

  @Override
  public int vocabularySize() {
    return model.pieces().size();
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public int[] encode(byte[] utf8) {
    return library.getProcessor().encode(Tokenizers.text(utf8));
  }

  @Override
  public TextDecoder decoder() {
    return new SentencePieceDecoder(model);
  }

  @Override
  public void close() {
    library.close();
  }
}
