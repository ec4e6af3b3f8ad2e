package dev.megalodon.trainer.data;

import dev.megalodon.trainer.data.jsonl.JsonlTokens;
import dev.megalodon.trainer.data.shard.TokenShards;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/** How files become tokens. */
public sealed interface DataFormat {
  /** Every byte of a file is a token; a file is a document. */
  record Text() implements DataFormat {}

  /**
   * Every line is a JSON object, one field of it a document, whose bytes are the tokens.
   *
   * @param field name of the field
   */
  record JsonLines(String field) implements DataFormat {}

  /**
   * Shards that {@code megalodon prepare} made.
   *
   * @param tokenizer identity of the tokenizer that must have made them
   */
  record Shards(String tokenizer) implements DataFormat {}

  /**
   * Opens files and folders as one stream.
   *
   * @param separator token after each document, if any
   * @throws dev.megalodon.trainer.exit.WorkerExit naming the path that is missing or bad
   */
  default TokenStream open(List<Path> sources, OptionalInt separator) {
    return switch (this) {
      case Text() -> separated(new TextTokens(Corpus.open(sources)), separator);
      case JsonLines(String field) -> JsonlTokens.open(sources, field, separator);
      case Shards(String tokenizer) -> separated(TokenShards.open(sources, tokenizer), separator);
    };
  }

  private static TokenStream separated(DocumentStream documents, OptionalInt separator) {
    return separator.isPresent() ? new SeparatedTokens(documents, separator.getAsInt()) : documents;
  }
}
