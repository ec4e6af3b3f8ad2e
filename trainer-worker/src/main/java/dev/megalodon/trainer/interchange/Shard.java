package dev.megalodon.trainer.interchange;

import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which part of a model a file is, in its metadata.
 *
 * @param rank of the model-parallel group
 * @param ranks of the group
 */
record Shard(int rank, int ranks) {
  private static final String KEY = "megalodon.modelParallel";
  private static final Pattern TEXT = Pattern.compile("(\\d{1,4}) of (\\d{1,4})");

  /** What an exported file says; empty for whole models and other programs' files. */
  static Optional<Shard> of(TensorFile file) {
    Matcher match = TEXT.matcher(file.metadata().getOrDefault(KEY, ""));
    return match.matches()
        ? Optional.of(new Shard(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2))))
        : Optional.empty();
  }

  /** As people and metadata have it. */
  String text() {
    return "%d of %d".formatted(rank, ranks);
  }

  /** Metadata for the file; none for a whole model. */
  Map<String, String> metadata() {
    return ranks == 1 ? Map.of() : Map.of(KEY, text());
  }
}
