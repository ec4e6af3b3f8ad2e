package dev.megalodon.trainer.fuzz;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.data.DataFormat;
import dev.megalodon.trainer.data.TokenStream;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.tokenizer.Tokenizer;
import dev.megalodon.trainer.tokenizer.TokenizerSource;
import dev.megalodon.trainer.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Opens and uses damaged copies of a file, in a process of its own, since native code could end it.
 * Prints each case before it runs, so that the last one printed is the one that did.
 */
final class FuzzMain {
  private static final String[] TEXTS = {
    "plain words", "naïve 水 \uD83D\uDE80", " \t\n ", "\u0000", "x".repeat(3_000)
  };

  private FuzzMain() {}

  /** Arguments: kind of file, file, folder for copies, first seed, number of cases. */
  public static void main(String[] arguments) throws IOException {
    byte[] original = Files.readAllBytes(Path.of(arguments[1]));
    use(arguments[0], Path.of(arguments[1]));
    long seed = Long.parseLong(arguments[3]);
    long end = seed + Long.parseLong(arguments[4]);
    int refused = 0;
    for (; seed < end; seed++) {
      System.out.println("case " + seed);
      Path copy = Path.of(arguments[2], "case");
      Files.write(copy, new Mutator(seed).mutate(original));
      try {
        use(arguments[0], copy);
      } catch (WorkerExit e) {
        requireDocumented(e);
        refused++;
      }
    }
    System.out.println("refused " + refused + " of " + arguments[4]);
  }

  private static void requireDocumented(WorkerExit e) {
    if (e.code() != ExitCode.BAD_DATA || e.sentence().lines().count() != 1) {
      throw new AssertionError(e.code() + ": " + e.sentence(), e);
    }
  }

  private static void use(String kind, Path file) {
    switch (kind) {
      case "sentencepiece" -> use(Tokenizers.open(new TokenizerSource.SentencePiece(file)));
      case "huggingface" -> use(Tokenizers.open(new TokenizerSource.HuggingFace(file)));
      case "jsonl" -> use(new DataFormat.JsonLines("text"), file);
      case "tokens" -> use(new DataFormat.Shards("bytes"), file);
      default -> throw new IllegalArgumentException(kind);
    }
  }

  private static void use(Tokenizer opened) {
    try (Tokenizer tokenizer = opened) {
      for (String text : TEXTS) {
        for (int id : tokenizer.encode(text)) {
          requireInside(id, tokenizer.vocabularySize());
        }
      }
      tokenizer.decode(new int[] {0, 1, 5, tokenizer.vocabularySize() - 1, 1 << 25});
    }
  }

  private static void requireInside(int id, int size) {
    if (id < 0 || id >= size) {
      throw new AssertionError("token %d of a vocabulary of %d".formatted(id, size));
    }
  }

  private static void use(DataFormat format, Path file) {
    try (TokenStream tokens = format.open(List.of(file), OptionalInt.of(0))) {
      int[] all = new int[(int) Math.min(tokens.size(), 1 << 20)];
      tokens.read(tokens.size() - all.length, all, 0, all.length);
      for (int id : all) {
        requireInside(id, tokens.vocabularySize());
      }
    }
  }
}
