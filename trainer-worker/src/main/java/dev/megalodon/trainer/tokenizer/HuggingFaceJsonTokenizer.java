package dev.megalodon.trainer.tokenizer;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/** A Hugging Face {@code tokenizer.json}, run by the library that it comes from. */
final class HuggingFaceJsonTokenizer implements Tokenizer {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final int MOST_TOKENS = 1 << 24;

  private final HuggingFaceTokenizer library;
  private final int vocabularySize;
  private final String identity;

  private HuggingFaceJsonTokenizer(
      HuggingFaceTokenizer library, int vocabularySize, String identity) {
    this.library = library;
    this.vocabularySize = vocabularySize;
    this.identity = identity;
  }

  /**
   * Loads a tokenizer.
   *
   * @param file named in errors
   */
  static HuggingFaceJsonTokenizer load(Path file, byte[] content, String identity) {
    NativeLibraries.configure();
    try {
      int vocabularySize = vocabularySize(JSON.readTree(content));
      Map<String, String> options =
          Map.of("addSpecialTokens", "false", "truncation", "false", "padding", "false");
      HuggingFaceTokenizer library =
          HuggingFaceTokenizer.newInstance(new ByteArrayInputStream(content), options);
      return new HuggingFaceJsonTokenizer(library, vocabularySize, identity);
    } catch (IOException | IllegalArgumentException e) {
      throw Tokenizers.bad(file, firstLine(e), e);
    } catch (UnsatisfiedLinkError | IllegalStateException | ExceptionInInitializerError e) {
      throw Tokenizers.unavailable(e);
    } catch (RuntimeException e) {
      throw Tokenizers.bad(file, "it is no tokenizer.json: " + firstLine(e), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  /** One more than the greatest id: models that list their tokens number them in order. */
  private static int vocabularySize(JsonNode tokenizer) {
    long greatest = -1;
    JsonNode vocabulary = tokenizer.path("model").path("vocab");
    if (vocabulary.isArray()) {
      greatest = vocabulary.size() - 1L;
    } else {
      for (JsonNode id : vocabulary) {
        greatest = Math.max(greatest, id(id));
      }
    }
    for (JsonNode added : tokenizer.path("added_tokens")) {
      greatest = Math.max(greatest, id(added.path("id")));
    }
    if (greatest < 0) {
      throw new IllegalArgumentException("it has no vocabulary");
    }
    return Math.toIntExact(greatest + 1);
  }

  private static long id(JsonNode id) {
    if (!id.isIntegralNumber() || id.longValue() < 0 || id.longValue() >= MOST_TOKENS) {
      throw new IllegalArgumentException(
          "a token's id is %s, not a number below %d".formatted(id, MOST_TOKENS));
    }
    return id.longValue();
  }

  @Override
  public int vocabularySize() {
    return vocabularySize;
  }

  @Override
  public String identity() {
    return identity;
  }

  @Override
  public int[] encode(byte[] utf8) {
    long[] ids = library.encode(Tokenizers.text(utf8), false, false).getIds();
    int[] narrow = new int[ids.length];
    for (int i = 0; i < ids.length; i++) {
      narrow[i] = Math.toIntExact(ids[i]);
    }
    return narrow;
  }

  /** The text of some tokens, special ones included; an id that there is not is passed over. */
  String decode(long[] ids) {
    return library.decode(ids, false);
  }

  @Override
  public String decode(int[] ids) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    return decode(wide);
  }

  @Override
  public TextDecoder decoder() {
    return new WindowedDecoder(this::decode);
  }

  @Override
  public void close() {
    library.close();
  }
}
