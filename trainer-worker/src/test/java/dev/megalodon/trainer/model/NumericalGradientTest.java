package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.reference.ReferenceDevice;
import dev.megalodon.trainer.golden.Comparison;
import dev.megalodon.trainer.golden.Tolerance;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.DoubleSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The backward pass against central differences, on random small models in FLOAT64: every parameter
 * tensor and every carried-in state, with a gradient arriving at every carried-out state.
 */
class NumericalGradientTest {
  private static final double STEP = 1e-5;
  private static final int PROBES = 3;

  /** Bits of the seed are the model's variants, so that 16 seeds cover all of them. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15})
  void shouldBeTheSlopeOfTheLoss(int seed) {
    try (Device device = new ReferenceDevice()) {
      new Run(device, seed).check();
    }
  }

  private static final class Run {
    private final Device device;
    private final Random random;
    private final ModelConfig config;
    private final int batch;
    private final int length;
    private final FlatTensors parameters;
    private final FlatTensors gradients;
    private final MegalodonModel model;
    private final ModelActivations act;
    private final Tensor targets;
    private final ModelState in;
    private final ModelState out;
    private final ModelStateGradient dOut;
    private final ModelStateGradient dIn;

    Run(Device device, int seed) {
      this.device = device;
      random = new Random(seed);
      config = config(random, seed);
      batch = 1 + random.nextInt(2);
      length = 1 + random.nextInt(12);
      FlatLayout layout = FlatLayout.of(config, 1, Double.BYTES, 512);
      parameters = FlatTensors.allocate(device, layout);
      gradients = FlatTensors.allocate(device, layout);
      Initialization.initialize(device, config, seed, parameters);
      parameters.byName().values().forEach(parameter -> disturb(parameter, 0.3));
      model = new MegalodonModel(device, device, config, ModelWeights.of(config, parameters));
      act = ModelActivations.forTraining(device, device, config, batch, length);
      device.transfer().write(tokens(), act.tokens());
      targets = device.allocate(ElementType.INT32, batch, length);
      device.transfer().write(tokens(), targets);
      in = ModelState.fresh(device, device, config, batch);
      out = ModelState.fresh(device, device, config, batch);
      dOut = ModelStateGradient.zero(device, device, config, batch);
      dIn = ModelStateGradient.zero(device, device, config, batch);
      carryIn();
      slopes(dOut).values().forEach(slope -> disturb(slope, 1));
    }

    private static ModelConfig config(Random random, int variants) {
      int heads = 1 + random.nextInt(2);
      return new ModelConfig(
          1 + random.nextInt(2),
          6,
          4 * heads,
          3 * heads,
          heads,
          5,
          1 + random.nextInt(3),
          1 + random.nextInt(5),
          1 + random.nextInt(3),
          1e-5,
          7,
          100,
          (variants & 1) != 0,
          (variants & 2) != 0,
          (variants & 4) != 0,
          (variants & 8) != 0);
    }

    private int[] tokens() {
      return random.ints((long) batch * length, 0, config.vocabSize()).toArray();
    }

    private void disturb(Tensor tensor, double deviation) {
      double[] values = device.transfer().toDoubles(tensor);
      for (int i = 0; i < values.length; i++) {
        values[i] += deviation * random.nextGaussian();
      }
      device.transfer().write(values, tensor);
    }

    private void carryIn() {
      List<TimestepNorm.State> norms = new ArrayList<>(List.of(in.finalNorm()));
      for (BlockState block : in.blocks()) {
        norms.add(block.timestepNorm());
        disturb(block.cema(), 0.5);
      }
      for (TimestepNorm.State norm : norms) {
        device.pointwise().fill(norm.count(), 1 + random.nextInt(5));
        disturb(norm.mean(), 0.3);
        device.pointwise().fill(norm.variance(), 0.5 + random.nextDouble());
      }
    }

    /** Means, variances and moving averages of a state, by name. */
    private static Map<String, Tensor> numbers(ModelState state) {
      Map<String, Tensor> result = new LinkedHashMap<>();
      for (int layer = 0; layer < state.blocks().size(); layer++) {
        BlockState block = state.blocks().get(layer);
        result.put(layer + " mean", block.timestepNorm().mean());
        result.put(layer + " variance", block.timestepNorm().variance());
        result.put(layer + " cema", block.cema());
      }
      result.put("final mean", state.finalNorm().mean());
      result.put("final variance", state.finalNorm().variance());
      return result;
    }

    /** Gradients of {@link #numbers}, by the same names. */
    private static Map<String, Tensor> slopes(ModelStateGradient gradient) {
      Map<String, Tensor> result = new LinkedHashMap<>();
      for (int layer = 0; layer < gradient.blocks().size(); layer++) {
        BlockStateGradient block = gradient.blocks().get(layer);
        result.put(layer + " mean", block.timestepNorm().mean());
        result.put(layer + " variance", block.timestepNorm().variance());
        result.put(layer + " cema", block.cema());
      }
      result.put("final mean", gradient.finalNorm().mean());
      result.put("final variance", gradient.finalNorm().variance());
      return result;
    }

    private static Tensor named(Map<String, Tensor> tensors, String name) {
      return Objects.requireNonNull(tensors.get(name), name);
    }

    /** The loss, and how far the carried-out state points in the direction of its gradient. */
    private double objective() {
      model.forward(in, act, out);
      double sum = model.loss(act, targets);
      Map<String, Tensor> states = numbers(out);
      for (Map.Entry<String, Tensor> slope : slopes(dOut).entrySet()) {
        double[] direction = device.transfer().toDoubles(slope.getValue());
        double[] state = device.transfer().toDoubles(named(states, slope.getKey()));
        for (int i = 0; i < state.length; i++) {
          sum += direction[i] * state[i];
        }
      }
      return sum;
    }

    void check() {
      objective();
      model.backward(
          act,
          targets,
          1,
          in,
          dOut,
          ModelWeights.of(config, gradients),
          BackwardScratch.allocate(device, device, config, batch, length),
          dIn,
          BackwardProgress.IGNORED);
      Comparison comparison = new Comparison();
      parameters
          .byName()
          .forEach((name, tensor) -> probe(comparison, name, tensor, gradients.tensor(name)));
      Map<String, Tensor> dStates = slopes(dIn);
      numbers(in).forEach((name, tensor) -> probe(comparison, name, tensor, named(dStates, name)));
      comparison.assertClose();
    }

    private void probe(Comparison comparison, String name, Tensor tensor, Tensor gradient) {
      double[] values = device.transfer().toDoubles(tensor);
      double[] slopes = device.transfer().toDoubles(gradient);
      Tolerance tolerance = new Tolerance.Elementwise(1e-6, 1e-5);
      for (int probe = 0; probe < Math.min(PROBES, values.length); probe++) {
        int i = random.nextInt(values.length);
        double expected = slope(values, i, tensor, this::objective);
        comparison.add(config + " " + name + "[" + i + "]", expected, slopes[i], tolerance);
      }
    }

    private double slope(double[] values, int i, Tensor tensor, DoubleSupplier function) {
      double before = values[i];
      double above = at(before + STEP, values, i, tensor, function);
      double below = at(before - STEP, values, i, tensor, function);
      at(before, values, i, tensor, () -> 0);
      return (above - below) / (2 * STEP);
    }

    private double at(
        double value, double[] values, int i, Tensor tensor, DoubleSupplier function) {
      values[i] = value;
      device.transfer().write(values, tensor);
      return function.getAsDouble();
    }
  }
}
