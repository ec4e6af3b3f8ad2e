package dev.megalodon.trainer.model;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Tolerance;
import dev.megalodon.trainer.model.ChunkParallelChecks.Precision;
import dev.megalodon.trainer.parallel.ChunkGroup;
import dev.megalodon.trainer.parallel.cost.ChunkExchange;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import dev.megalodon.trainer.ranks.LinkedRanks;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random models, unequal slices and 1 to 6 ranks against one rank of the scalar FLOAT64 oracle: the
 * loss, every gradient and the carried state after two windows of every sequence.
 */
class ChunkParallelPropertyTest {
  private static final int TRIALS = 18;
  private static final int MOST_RANKS = 6;
  private static final int WINDOWS = 2;

  @ParameterizedTest
  @EnumSource(ChunkExchange.class)
  void shouldEqualOneRank(ChunkExchange exchange) throws Exception {
    for (int seed = 0; seed < TRIALS; seed++) {
      Trial trial = Trial.of(seed, 1 + seed % MOST_RANKS);
      Outcome expected = trial.alone();
      for (Precision precision : Precision.values()) {
        trial.check(exchange, precision, expected);
      }
    }
  }

  /** Everything a window gives: sums over ranks, and the state after it. */
  private record Outcome(double loss, Map<String, double[]> gradients, List<double[]> carried) {
    double[] gradient(String parameter) {
      return Objects.requireNonNull(gradients.get(parameter), parameter);
    }
  }

  /** One random model with its slices and tokens; {@link #toString} has the seed. */
  private record Trial(int seed, ModelConfig config, int batch, List<Integer> lengths) {
    static Trial of(int seed, int ranks) {
      Random random = new Random(seed);
      ModelConfig config = config(random, seed);
      List<Integer> lengths = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        int rest = rank == ranks - 1 ? random.nextInt(config.chunkSize()) : 0;
        lengths.add(config.chunkSize() * (1 + random.nextInt(4)) - rest);
      }
      return new Trial(seed, config, 1 + random.nextInt(2), lengths);
    }

    private static ModelConfig config(Random random, int variants) {
      int heads = 1 + random.nextInt(2);
      int groups = 1 + random.nextInt(3);
      return new ModelConfig(
          1 + random.nextInt(3),
          2 * 3 * groups,
          4 * heads,
          3 * heads,
          heads,
          5,
          1 + random.nextInt(4),
          1 + random.nextInt(30),
          groups,
          1e-5,
          7,
          100,
          (variants & 1) != 0,
          (variants & 2) != 0,
          (variants & 4) != 0,
          (variants & 8) != 0);
    }

    private int length() {
      return lengths.stream().mapToInt(Integer::intValue).sum();
    }

    private int[] tokens(int stream) {
      Random random = new Random(31L * seed + stream);
      return random.ints((long) batch * length(), 0, config.vocabSize()).toArray();
    }

    void check(ChunkExchange exchange, Precision precision, Outcome expected) throws Exception {
      List<Outcome> parts =
          LinkedRanks.run(
              InMemoryRanks.networks(lengths.size()),
              links -> rank(links.chunkGroup(lengths.size()), exchange, precision));
      Comparison comparison = new Comparison();
      Tolerance tolerance =
          precision == Precision.REFERENCE
              ? new Tolerance.Elementwise(1e-11, 1e-10)
              : new Tolerance.Norm(2e-4);
      String name = this + " " + exchange + " " + precision + " ";
      double loss = parts.stream().mapToDouble(Outcome::loss).sum();
      comparison.add(name + "loss", expected.loss(), loss, tolerance);
      expected
          .gradients()
          .forEach(
              (parameter, values) ->
                  comparison.add(
                      name + parameter,
                      values,
                      SlicedTokens.sum(parts.stream().map(p -> p.gradient(parameter)).toList()),
                      tolerance));
      List<double[]> carried = parts.getFirst().carried();
      assertEquals(expected.carried().size(), carried.size());
      for (int i = 0; i < carried.size(); i++) {
        comparison.add(name + "state " + i, expected.carried().get(i), carried.get(i), tolerance);
      }
      comparison.assertClose();
    }

    private Outcome alone() {
      try (Device device = new ReferenceDevice()) {
        return new Run(this, device)
            .outcome(
                (model, gradients) -> new TrainingPass(model, gradients, batch, length()),
                tokens -> tokens);
      }
    }

    private Outcome rank(ChunkGroup group, ChunkExchange exchange, Precision precision) {
      SequenceShare share = new SequenceShare(group, lengths, exchange);
      Recompute recompute = seed % 2 == 0 ? Recompute.NONE : Recompute.LAYER;
      try (Device device = precision.open()) {
        return new Run(this, device)
            .outcome(
                (model, gradients) -> new TrainingPass(model, gradients, batch, share, recompute),
                tokens -> SlicedTokens.of(tokens, batch, lengths, group.rank()));
      }
    }
  }

  @FunctionalInterface
  private interface Passes {
    TrainingPass create(MegalodonModel model, ModelWeights gradients);
  }

  @FunctionalInterface
  private interface Part {
    int[] of(int[] tokens);
  }

  private static final class Run {
    private final Trial trial;
    private final Device device;
    private final FlatTensors parameters;
    private final FlatTensors gradients;
    private final ModelState carried;

    Run(Trial trial, Device device) {
      this.trial = trial;
      this.device = device;
      ModelConfig config = trial.config();
      FlatLayout layout = FlatLayout.of(config, 1, device.elementType().bytes(), 512);
      parameters = FlatTensors.allocate(device, layout);
      gradients = FlatTensors.allocate(device, layout);
      Initialization.initialize(device, config, trial.seed(), parameters);
      Random random = new Random(trial.seed());
      parameters.byName().values().forEach(parameter -> disturb(parameter, random));
      carried = ModelState.fresh(device, device, config, trial.batch());
    }

    /** Away from zero, where norms and biases begin; exact in single precision. */
    private void disturb(Tensor parameter, Random random) {
      double[] values = device.transfer().toDoubles(parameter);
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) values[i] + (float) (0.3 * random.nextGaussian());
        values[i] = (float) values[i];
      }
      device.transfer().write(values, parameter);
    }

    Outcome outcome(Passes passes, Part part) {
      MegalodonModel model =
          new MegalodonModel(
              device, device, trial.config(), ModelWeights.of(trial.config(), parameters));
      TrainingPass pass = passes.create(model, ModelWeights.of(trial.config(), gradients));
      double scale = 1.0 / (WINDOWS * trial.batch() * trial.length());
      double loss = 0;
      for (int window = 0; window < WINDOWS; window++) {
        int[] inputs = part.of(trial.tokens(2 * window));
        int[] targets = part.of(trial.tokens(2 * window + 1));
        loss += scale * pass.accumulate(carried, inputs, targets, scale, BackwardProgress.IGNORED);
      }
      Map<String, double[]> byName = new TreeMap<>();
      gradients
          .byName()
          .forEach((name, tensor) -> byName.put(name, device.transfer().toDoubles(tensor)));
      List<double[]> states =
          carried.byName().values().stream().map(device.transfer()::toDoubles).toList();
      return new Outcome(loss, byName, states);
    }
  }
}
