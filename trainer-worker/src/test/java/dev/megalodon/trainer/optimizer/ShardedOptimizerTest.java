package dev.megalodon.trainer.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Precision;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.cpu.CpuDevice;
import dev.megalodon.kernels.gemm.GemmProvider;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Fixture;
import dev.megalodon.trainer.golden.Tolerance;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.parallel.Collectives;
import dev.megalodon.trainer.ranks.InMemoryRanks;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShardedOptimizerTest {
  private static final ModelConfig CONFIG =
      new ModelConfig(2, 8, 8, 12, 2, 10, 3, 4, 2, 1e-5, 11, 10_000, true, true, true, false);
  private static final int STEPS = 3;
  private static final LearningRateSchedule SCHEDULE =
      new LearningRateSchedule(LearningRateSchedule.Shape.LINEAR, 0.01, 2, 5, 1e-4, 0.01, 1);

  @Test
  void shouldClipAsTheGoldenFixture() throws IOException {
    try (Fixture fixture = Fixture.open("op_optim")) {
      double factor = AdamWSettings.DEFAULT.clipFactor(fixture.number("clip.norm"));
      Comparison comparison = new Comparison();
      for (int i = 0; i < 3; i++) {
        double[] clipped = fixture.numbers("clip.g" + i);
        for (int j = 0; j < clipped.length; j++) {
          clipped[j] *= factor;
        }
        comparison.add(
            "clip.out" + i,
            fixture.numbers("clip.out" + i),
            clipped,
            new Tolerance.Elementwise(1e-10, 1e-10));
      }
      comparison.assertClose();
    }
  }

  @Test
  void shouldNotScaleSmallGradients() {
    assertEquals(1, AdamWSettings.DEFAULT.clipFactor(0.5));
    assertEquals(1, new AdamWSettings(0.9, 0.98, 1e-8, 0.1, 0).clipFactor(1e9));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void shouldGiveTheSameParametersOnAnyNumberOfRanks(int worldSize) throws Exception {
    Map<String, double[]> expected = train(1).getFirst();
    for (Map<String, double[]> actual : train(worldSize)) {
      Comparison comparison = new Comparison();
      expected.forEach(
          (name, values) ->
              comparison.add(
                  name,
                  values,
                  Objects.requireNonNull(actual.get(name)),
                  new Tolerance.Elementwise(1e-12, 1e-10)));
      comparison.assertClose();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldGiveTheSameBitsAgain(int worldSize) throws Exception {
    List<Map<String, double[]>> first = train(worldSize);
    List<Map<String, double[]>> second = train(worldSize);
    for (int rank = 0; rank < worldSize; rank++) {
      for (String name : first.get(rank).keySet()) {
        assertArrayEquals(first.get(0).get(name), first.get(rank).get(name));
        assertArrayEquals(first.get(rank).get(name), second.get(rank).get(name));
      }
    }
  }

  /**
   * Every rank's parameters are the same, and those of one rank to within what BFLOAT16 shows: the
   * masters differ by a rounding of the gradients' sum, which can move a parameter by one place.
   */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void shouldGiveTheSameParametersInBfloat16OnAnyNumberOfRanks(int worldSize) throws Exception {
    Map<String, double[]> expected = InMemoryRanks.run(1, ShardedOptimizerTest::train16).getFirst();
    List<Map<String, double[]>> ranks = InMemoryRanks.run(worldSize, ShardedOptimizerTest::train16);
    for (Map<String, double[]> actual : ranks) {
      Comparison comparison = new Comparison();
      for (String name : expected.keySet()) {
        assertArrayEquals(ranks.getFirst().get(name), actual.get(name));
        comparison.add(
            name,
            Objects.requireNonNull(expected.get(name)),
            Objects.requireNonNull(actual.get(name)),
            new Tolerance.Elementwise(1e-6, 0x1p-7));
      }
      comparison.assertClose();
    }
  }

  /** Steps too small for a BFLOAT16 parameter add up in its master. */
  @Test
  void shouldAddUpInMastersWhatParametersCannotShow() throws Exception {
    InMemoryRanks.run(
        1,
        collectives -> {
          try (Device device = new CpuDevice(1, GemmProvider.VECTOR, Precision.BF16)) {
            addUp(device, collectives);
          }
          return 0;
        });
  }

  private static void addUp(Device device, Collectives collectives) {
    double rate = 1e-3; // a quarter of the distance between 1 and the number before it
    LearningRateSchedule constant =
        new LearningRateSchedule(LearningRateSchedule.Shape.CONSTANT, rate, 0, 9, 1, 1, 1);
    AdamWSettings settings = new AdamWSettings(0.9, 0.98, 1e-8, 0, 0);
    FlatLayout layout = FlatLayout.of(CONFIG, 1, 2, 1 << 10);
    FlatTensors parameters = FlatTensors.allocateParameters(device, layout);
    FlatTensors gradients = FlatTensors.allocate(device, layout);
    OptimizerShard shard = OptimizerShard.allocate(device, layout, 0);
    parameters
        .byName()
        .values()
        .forEach(tensor -> device.transfer().write(filled(tensor, 1), tensor));
    shard.begin((piece, target) -> device.transfer().write(filled(target, 1), target));
    device.pointwise().fill(gradients.flat(), 1);
    ShardedOptimizer optimizer =
        new ShardedOptimizer(device, parameters, gradients, shard, settings, constant);
    Tensor table = parameters.tensor("embed.weight");
    optimizer.update(collectives, 0, 1);
    assertEquals(1, device.transfer().toDoubles(table)[0], "one step is too small to be seen");
    for (int step = 1; step < 4; step++) {
      optimizer.update(collectives, step, 1);
    }
    assertEquals(1 - 0x1p-8, device.transfer().toDoubles(table)[0], "four are not");
    double[] masters = device.transfer().toDoubles(shard.masters().orElseThrow());
    assertEquals(1 - 4 * rate, masters[0], 1e-6);
  }

  private static double[] filled(Tensor like, double value) {
    double[] values = new double[(int) like.size()];
    Arrays.fill(values, value);
    return values;
  }

  private static Map<String, double[]> train16(Collectives collectives) {
    try (Device device = new CpuDevice(1, GemmProvider.VECTOR, Precision.BF16)) {
      return train(collectives, device);
    }
  }

  private static List<Map<String, double[]>> train(int worldSize) throws Exception {
    return InMemoryRanks.run(worldSize, ShardedOptimizerTest::train);
  }

  private static Map<String, double[]> train(Collectives collectives) {
    try (Device device = new ReferenceDevice()) {
      return train(collectives, device);
    }
  }

  private static Map<String, double[]> train(Collectives collectives, Device device) {
    int bytes = device.parameterType().bytes();
    FlatLayout layout = FlatLayout.of(CONFIG, collectives.worldSize(), bytes, 1 << 10);
    FlatTensors parameters = FlatTensors.allocateParameters(device, layout);
    FlatTensors gradients = FlatTensors.allocate(device, layout);
    OptimizerShard shard = OptimizerShard.allocate(device, layout, collectives.rank());
    ShardedOptimizer optimizer =
        new ShardedOptimizer(device, parameters, gradients, shard, AdamWSettings.DEFAULT, SCHEDULE);
    fill(device, parameters, 7, 1);
    shard.begin(
        (piece, target) ->
            device
                .pointwise()
                .copy(
                    parameters.tensor(piece.tensor()).view(piece.tensorOffset(), piece.length()),
                    target));
    for (int step = 0; step < STEPS; step++) {
      // The ranks' gradients add up to the same sum whatever their number.
      fill(device, gradients, 100 + step, 1.0 / collectives.worldSize());
      optimizer.reduceGradients(collectives);
      optimizer.update(collectives, step, optimizer.globalNorm(collectives));
    }
    return values(device, parameters);
  }

  private static void fill(Device device, FlatTensors tensors, long seed, double scale) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    for (String name : new TreeMap<>(tensors.byName()).keySet()) {
      Tensor tensor = tensors.tensor(name);
      double[] values = random.doubles(tensor.size(), -1, 1).map(value -> value * scale).toArray();
      device.transfer().write(values, tensor);
    }
  }

  private static Map<String, double[]> values(Device device, FlatTensors tensors) {
    Map<String, double[]> values = new TreeMap<>();
    tensors
        .byName()
        .forEach((name, tensor) -> values.put(name, device.transfer().toDoubles(tensor)));
    return values;
  }
}
