package dev.megalodon.kernels.cpu;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The logical vector that all kernels are written for: {@link #WIDTH} lanes, which the machine
 * processes as one, two or four of its own. A reduction adds element i into lane i mod WIDTH, in
 * order, and joins the lanes in a fixed tree, so that its bits do not depend on the machine.
 */
final class Lanes {
  /** Lanes of the logical vector. Tiles are padded to a multiple. */
  static final int WIDTH = 16;

  /** The machine's vector: at most the logical one. */
  static final VectorSpecies<Float> SPECIES =
      FloatVector.SPECIES_PREFERRED.length() > WIDTH
          ? FloatVector.SPECIES_512
          : FloatVector.SPECIES_PREFERRED;

  /** Vectors of as many bits in double, with half the lanes. */
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, SPECIES.vectorShape());

  private Lanes() {}

  /** The next multiple of {@link #WIDTH}. */
  static int padded(int width) {
    return (width + WIDTH - 1) / WIDTH * WIDTH;
  }

  /** Σ over n elements, n a multiple of WIDTH. */
  static float sum(float[] a, int from, int n, float[] lanes) {
    for (int part = 0; part < WIDTH; part += SPECIES.length()) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = part; i < n; i += WIDTH) {
        sum = sum.add(FloatVector.fromArray(SPECIES, a, from + i));
      }
      sum.intoArray(lanes, part);
    }
    return join(lanes);
  }

  /** Σ a·b over n elements, n a multiple of WIDTH. */
  static float dot(float[] a, int aFrom, float[] b, int bFrom, int n, float[] lanes) {
    for (int part = 0; part < WIDTH; part += SPECIES.length()) {
      FloatVector sum = FloatVector.zero(SPECIES);
      for (int i = part; i < n; i += WIDTH) {
        sum =
            FloatVector.fromArray(SPECIES, a, aFrom + i)
                .fma(FloatVector.fromArray(SPECIES, b, bFrom + i), sum);
      }
      sum.intoArray(lanes, part);
    }
    return join(lanes);
  }

  /** totals += a over n elements, n a multiple of the machine's vector. */
  static void addTo(float[] a, int from, double[] totals, int at, int n) {
    for (int i = 0; i < n; i += SPECIES.length()) {
      FloatVector values = FloatVector.fromArray(SPECIES, a, from + i);
      for (int half = 0; half < 2; half++) {
        int to = at + i + half * DOUBLES.length();
        DoubleVector.fromArray(DOUBLES, totals, to)
            .add(values.convertShape(VectorOperators.F2D, DOUBLES, half))
            .intoArray(totals, to);
      }
    }
  }

  /**
   * The maximum of n elements, n a multiple of WIDTH. Where an element is NaN it may be overlooked:
   * subtracting the maximum from it gives NaN anyway.
   */
  static float max(float[] a, int from, int n, float[] lanes) {
    for (int part = 0; part < WIDTH; part += SPECIES.length()) {
      FloatVector max = FloatVector.fromArray(SPECIES, a, from + part);
      for (int i = part + WIDTH; i < n; i += WIDTH) {
        FloatVector next = FloatVector.fromArray(SPECIES, a, from + i);
        max = max.blend(next, next.compare(VectorOperators.GT, max));
      }
      max.intoArray(lanes, part);
    }
    float max = lanes[0];
    for (int i = 1; i < WIDTH; i++) {
      max = Math.max(max, lanes[i]);
    }
    return max;
  }

  /** The sum of WIDTH lanes: halves onto each other until one is left. */
  static float join(float[] lanes) {
    float a = (lanes[0] + lanes[8]) + (lanes[4] + lanes[12]);
    float b = (lanes[1] + lanes[9]) + (lanes[5] + lanes[13]);
    float c = (lanes[2] + lanes[10]) + (lanes[6] + lanes[14]);
    float d = (lanes[3] + lanes[11]) + (lanes[7] + lanes[15]);
    return (a + c) + (b + d);
  }
}
