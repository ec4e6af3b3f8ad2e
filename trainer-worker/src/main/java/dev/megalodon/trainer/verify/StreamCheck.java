package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/** A stream gives the same logits whatever the pieces, and carries the expected caches. */
final class StreamCheck implements GoldenCheck {
  @Override
  public void run(GoldenFile file) throws IOException {
    Reading reading;
    try (GoldenFile source = GoldenModel.source(file)) {
      reading = new Reading(file, source);
    }
    for (int list = 0; file.has("pieces" + list); list++) {
      reading.compareLogits(file.integers("pieces" + list));
    }
    int[] singles = new int[reading.length];
    Arrays.fill(singles, 1);
    reading.compareLogits(singles);
    reading.compareCaches(file.config("prefix").intValue());
  }

  private static final class Reading {
    private final GoldenFile file;
    private final ModelConfig config;
    private final ModelStream stream;
    private final int[] tokens; // (B, L)
    private final int batch;
    private final int length;
    private final double[] logits; // (B, L, V)

    Reading(GoldenFile file, GoldenFile source) throws IOException {
      this.file = file;
      this.config = file.modelConfig();
      this.tokens = file.integers("tokens");
      this.batch = file.dim("tokens", 0);
      this.length = file.dim("tokens", 1);
      this.logits = new double[tokens.length * config.vocabSize()];
      this.stream = new ModelStream(GoldenModel.of(source, file.device()).model(), batch);
    }

    void compareLogits(int[] pieces) throws IOException {
      stream.reset();
      Arrays.fill(logits, Double.NaN);
      int from = 0;
      for (int piece : pieces) {
        feed(from, piece);
        from += piece;
      }
      file.expect("logits", logits, Quantity.LOGITS);
    }

    void compareCaches(int prefix) throws IOException {
      stream.reset();
      feed(0, prefix);
      compareCache("cache_prefix.");
      feed(prefix, length - prefix);
      compareCache("cache_end.");
    }

    private void compareCache(String prefix) throws IOException {
      for (Map.Entry<String, double[]> carried : stream.carried().entrySet()) {
        file.expect(prefix + carried.getKey(), carried.getValue(), Quantity.BLOCK);
      }
    }

    private void feed(int from, int steps) {
      int[] piece = new int[batch * steps];
      for (int b = 0; b < batch; b++) {
        System.arraycopy(tokens, b * length + from, piece, b * steps, steps);
      }
      stream.feed(piece, (offset, part) -> store(from + offset, part));
    }

    private void store(int from, Tensor part) {
      int width = Math.toIntExact(part.dim(1)) * config.vocabSize();
      double[] values = file.device().transfer().toDoubles(part);
      for (int b = 0; b < batch; b++) {
        int target = (b * length + from) * config.vocabSize();
        System.arraycopy(values, b * width, logits, target, width);
      }
    }
  }
}
