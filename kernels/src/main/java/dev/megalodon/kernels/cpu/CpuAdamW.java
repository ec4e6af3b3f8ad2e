package dev.megalodon.kernels.cpu;

import static dev.megalodon.kernels.cpu.Lanes.SPECIES;
import static jdk.incubator.vector.FloatVector.fromArray;

import dev.megalodon.kernels.AdamW;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.Shapes;
import jdk.incubator.vector.FloatVector;

/** The update in one pass. Padding lanes of the last tile are computed and not stored. */
final class CpuAdamW implements AdamW {
  private static final int TILE = 2048;
  private static final int P = 0;
  private static final int G = 1;
  private static final int M = 2;
  private static final int S = 3;

  private final Processor processor;

  CpuAdamW(Processor processor) {
    this.processor = processor;
  }

  /** The settings as factors in single precision, computed in double. */
  private record Factors(
      float gradient,
      float beta1,
      float oneMinusBeta1,
      float beta2,
      float oneMinusBeta2,
      float decay,
      float stepSize,
      float inverseRootCorrection,
      float epsilon) {
    static Factors of(Settings settings) {
      double correction1 = 1 - StrictMath.pow(settings.beta1(), settings.step());
      double correction2 = 1 - StrictMath.pow(settings.beta2(), settings.step());
      return new Factors(
          (float) settings.gradientScale(),
          (float) settings.beta1(),
          (float) (1 - settings.beta1()),
          (float) settings.beta2(),
          (float) (1 - settings.beta2()),
          (float) (1 - settings.learningRate() * settings.weightDecay()),
          (float) (settings.learningRate() / correction1),
          (float) (1 / Math.sqrt(correction2)),
          (float) settings.epsilon());
    }
  }

  @Override
  public void update(
      Tensor parameters,
      Tensor gradients,
      Tensor firstMoment,
      Tensor secondMoment,
      Settings settings) {
    long size = parameters.size();
    Shapes.expect("parameters", parameters, ElementType.FLOAT32, size);
    Shapes.expect("gradients", gradients, ElementType.FLOAT32, size);
    Shapes.expect("firstMoment", firstMoment, ElementType.FLOAT32, size);
    Shapes.expect("secondMoment", secondMoment, ElementType.FLOAT32, size);
    Factors factors = Factors.of(settings);
    processor.forEach(
        Math.ceilDiv(size, (long) TILE),
        TILE,
        (scratch, first, end) -> {
          float[] p = scratch.floats(P, TILE);
          float[] g = scratch.floats(G, TILE);
          float[] m = scratch.floats(M, TILE);
          float[] s = scratch.floats(S, TILE);
          for (long tile = first; tile < end; tile++) {
            long from = tile * TILE;
            int count = (int) Math.min(TILE, size - from);
            Tiles.load(parameters, from, count, p);
            Tiles.load(gradients, from, count, g);
            Tiles.load(firstMoment, from, count, m);
            Tiles.load(secondMoment, from, count, s);
            moments(g, m, s, factors, Lanes.padded(count));
            step(p, m, s, factors, Lanes.padded(count));
            Tiles.store(p, count, parameters, from);
            Tiles.store(m, count, firstMoment, from);
            Tiles.store(s, count, secondMoment, from);
          }
        });
  }

  private static void moments(float[] g, float[] m, float[] s, Factors factors, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector gradient = fromArray(SPECIES, g, i).mul(factors.gradient);
      fromArray(SPECIES, m, i)
          .fma(FloatVector.broadcast(SPECIES, factors.beta1), gradient.mul(factors.oneMinusBeta1))
          .intoArray(m, i);
      fromArray(SPECIES, s, i)
          .fma(
              FloatVector.broadcast(SPECIES, factors.beta2),
              gradient.mul(gradient).mul(factors.oneMinusBeta2))
          .intoArray(s, i);
    }
  }

  private static void step(float[] p, float[] m, float[] s, Factors factors, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector root =
          fromArray(SPECIES, s, i).sqrt().fma(factors.inverseRootCorrection, factors.epsilon);
      FloatVector change = fromArray(SPECIES, m, i).mul(factors.stepSize).div(root);
      fromArray(SPECIES, p, i).mul(factors.decay).sub(change).intoArray(p, i);
    }
  }
}
