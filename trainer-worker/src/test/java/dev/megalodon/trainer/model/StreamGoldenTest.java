package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.TestDevice;
import dev.megalodon.trainer.golden.TestDevice.Quantity;
import dev.megalodon.trainer.golden.Tolerance;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A stream fed in pieces gives the logits of one pass over everything, and the fixtures' caches.
 */
class StreamGoldenTest {
  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldGiveTheSameLogitsWhateverThePieces(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("stream");
        Device device = testDevice.open()) {
      Run run = new Run(fixture, testDevice, device);
      for (int list = 0; fixture.has("pieces" + list); list++) {
        run.compareLogits("pieces" + list, fixture.integers("pieces" + list));
      }
      int[] ones = new int[run.length];
      Arrays.fill(ones, 1);
      run.compareLogits("single tokens", ones);
      run.comparison.assertClose();
    }
  }

  @ParameterizedTest
  @EnumSource(TestDevice.class)
  void shouldCarryTheFixturesCaches(TestDevice testDevice) throws IOException {
    try (Fixture fixture = Fixture.open("stream");
        Device device = testDevice.open()) {
      Run run = new Run(fixture, testDevice, device);
      int prefix = fixture.config().get("prefix").intValue();
      run.feed(0, prefix);
      run.compareCaches("cache_prefix.", prefix);
      run.feed(prefix, run.length - prefix);
      run.compareCaches("cache_end.", run.length);
      run.comparison.assertClose();
    }
  }

  private static final class Run {
    private final Fixture fixture;
    private final Device device;
    private final Tolerance logitsTolerance;
    private final Tolerance cacheTolerance;
    private final Comparison comparison = new Comparison();
    private final ModelConfig config;
    private final ModelStream stream;
    private final int batch;
    private final int length;
    private final double[] logits; // (B, L, V)

    Run(Fixture fixture, TestDevice testDevice, Device device) throws IOException {
      this.fixture = fixture;
      this.device = device;
      this.logitsTolerance = testDevice.tolerance(Quantity.LOGITS);
      this.cacheTolerance = testDevice.tolerance(Quantity.BLOCK);
      config = fixture.modelConfig();
      batch = fixture.dim("tokens", 0);
      length = fixture.dim("tokens", 1);
      logits = new double[batch * length * config.vocabSize()];
      stream = new ModelStream(model(), batch);
    }

    private MegalodonModel model() throws IOException {
      FlatLayout layout = FlatLayout.of(config, 1, device.elementType().bytes(), 1 << 20);
      FlatTensors parameters = FlatTensors.allocateParameters(device, layout);
      String source = fixture.config().get("params_from").textValue();
      try (Fixture parameterFile = Fixture.open(source.replace(".safetensors", ""))) {
        parameterFile.loadParameters("", device, parameters);
      }
      return new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
    }

    void compareLogits(String name, int[] pieces) throws IOException {
      stream.reset();
      Arrays.fill(logits, Double.NaN);
      int from = 0;
      for (int piece : pieces) {
        feed(from, piece);
        from += piece;
      }
      assertEquals(length, from, name + " cover all tokens");
      comparison.add(name, fixture.numbers("logits"), logits, logitsTolerance);
    }

    void feed(int from, int steps) throws IOException {
      int[] all = fixture.integers("tokens");
      int[] piece = new int[batch * steps];
      for (int b = 0; b < batch; b++) {
        System.arraycopy(all, b * length + from, piece, b * steps, steps);
      }
      stream.feed(piece, (offset, part) -> store(from + offset, part));
    }

    private void store(int from, Tensor part) {
      int width = Math.toIntExact(part.dim(1)) * config.vocabSize();
      double[] values = device.transfer().toDoubles(part);
      for (int b = 0; b < batch; b++) {
        int target = (b * length + from) * config.vocabSize();
        System.arraycopy(values, b * width, logits, target, width);
      }
    }

    void compareCaches(String prefix, int position) throws IOException {
      StreamState state = stream.state();
      assertEquals(position % config.chunkSize(), state.openLength());
      for (int layer = 0; layer < config.layers(); layer++) {
        String name = prefix + "layers." + layer + ".";
        BlockState block = state.carried().blocks().get(layer);
        compareNorm(name, block.timestepNorm());
        compare(name + "h", block.cema());
        if (fixture.has(name + "k_rotated")) {
          OpenChunk chunk = state.openChunk(layer);
          compareOpen(name + "k_rotated", chunk.keys(), chunk.length());
          compareOpen(name + "v", chunk.values(), chunk.length());
        }
      }
      compareNorm(prefix + "final_norm.", state.carried().finalNorm());
    }

    private void compareNorm(String prefix, TimestepNorm.State norm) throws IOException {
      compare(prefix + "count", norm.count());
      compare(prefix + "mean", norm.mean());
      compare(prefix + "var", norm.variance());
    }

    private void compare(String name, Tensor actual) throws IOException {
      fixture.compare(comparison, name, device, actual, cacheTolerance);
    }

    /** Heads and their dimensions are adjacent, so (B, n, heads, dim) is (B, n, heads·dim). */
    private void compareOpen(String name, Tensor chunk, long steps) throws IOException {
      long width = chunk.dim(2);
      double[] actual = new double[Math.toIntExact(batch * steps * width)];
      for (int b = 0; b < batch; b++) {
        Tensor open = chunk.view(b * chunk.dim(1) * width, steps * width);
        double[] values = device.transfer().toDoubles(open);
        System.arraycopy(values, 0, actual, b * values.length, values.length);
      }
      comparison.add(name, fixture.numbers(name), actual, cacheTolerance);
    }
  }
}
