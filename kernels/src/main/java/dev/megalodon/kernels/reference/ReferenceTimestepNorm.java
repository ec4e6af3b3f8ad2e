package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.getByte;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.host.HostMoments;
import dev.megalodon.kernels.shape.Shapes;
import dev.megalodon.kernels.shape.TimestepNormShape;
import java.util.List;
import java.util.Optional;

/** Welford's update per step and group; backward by suffix sums of the moments' gradients. */
final class ReferenceTimestepNorm implements TimestepNorm {
  @Override
  public void forward(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Optional<Tensor> padding,
      State in,
      double epsilon,
      Tensor y,
      Saved saved,
      State out) {
    TimestepNormShape shape = TimestepNormShape.of(x, weight, padding, in, saved);
    shape.checkState("state after", out);
    Shapes.expect("bias", bias, shape.channels());
    Shapes.expect("y", y, shape.size());
    for (int b = 0; b < shape.batch(); b++) {
      double count = get(in.count(), b);
      for (int g = 0; g < shape.groups(); g++) {
        count = forwardGroup(shape, b, g, x, weight, bias, padding, in, epsilon, y, saved, out);
      }
      set(out.count(), b, count);
    }
  }

  /** Returns the count after the piece. */
  private static double forwardGroup(
      TimestepNormShape shape,
      int b,
      int g,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Optional<Tensor> padding,
      State in,
      double epsilon,
      Tensor y,
      Saved saved,
      State out) {
    int size = shape.groupSize();
    long state = (long) b * shape.groups() + g;
    Statistics statistics = Statistics.of(in, b, state);
    for (int t = 0; t < shape.length(); t++) {
      long at = shape.index(b, t, g);
      boolean padded = isPadded(padding, shape, b, t);
      if (!padded) {
        statistics.add(x, at, size);
      }
      double mean = statistics.mean;
      double r = 1 / Math.sqrt(statistics.variance + epsilon);
      for (int k = 0; k < size; k++) {
        double w = get(weight, (long) g * size + k) + 1;
        double normalized = (get(x, at + k) - mean) * r * w + get(bias, (long) g * size + k);
        set(y, at + k, padded ? 0 : normalized);
      }
      set(saved.mean(), shape.statisticsIndex(b, t, g), mean);
      set(saved.inverseDeviation(), shape.statisticsIndex(b, t, g), r);
    }
    statistics.store(out, state);
    return statistics.count;
  }

  /** Statistics of one group over the steps so far. */
  private static final class Statistics {
    private double count;
    private double mean;
    private double variance;

    static Statistics of(State state, int b, long at) {
      Statistics statistics = new Statistics();
      statistics.count = get(state.count(), b);
      statistics.mean = get(state.mean(), at);
      statistics.variance = get(state.variance(), at);
      return statistics;
    }

    /** Welford's update with the moments of one step. */
    void add(Tensor x, long at, int size) {
      double groupMean = groupMean(x, at, size);
      double groupVariance = groupVariance(x, at, size, groupMean);
      count++;
      double delta = groupMean - mean;
      double share = 1 / count;
      variance =
          (1 - share) * variance + groupVariance / count + share * (1 - share) * delta * delta;
      mean += delta / count;
    }

    void store(State state, long at) {
      set(state.mean(), at, mean);
      set(state.variance(), at, variance);
    }
  }

  @Override
  public void advance(Tensor x, Optional<Tensor> padding, State in, State out) {
    TimestepNormShape shape = TimestepNormShape.of(x, padding, in);
    shape.checkState("state after", out);
    for (int b = 0; b < shape.batch(); b++) {
      for (int g = 0; g < shape.groups(); g++) {
        long state = (long) b * shape.groups() + g;
        Statistics statistics = Statistics.of(in, b, state);
        for (int t = 0; t < shape.length(); t++) {
          if (!isPadded(padding, shape, b, t)) {
            statistics.add(x, shape.index(b, t, g), shape.groupSize());
          }
        }
        statistics.store(out, state);
      }
      set(out.count(), b, get(in.count(), b) + validSteps(padding, shape, b));
    }
  }

  @Override
  public void merge(List<State> pieces, State result) {
    HostMoments.merge(pieces, result);
  }

  private static boolean isPadded(Optional<Tensor> padding, TimestepNormShape shape, int b, int t) {
    return padding.isPresent() && getByte(padding.get(), (long) b * shape.length() + t) != 0;
  }

  private static double groupMean(Tensor x, long at, int size) {
    double sum = 0;
    for (int k = 0; k < size; k++) {
      sum += get(x, at + k);
    }
    return sum / size;
  }

  private static double groupVariance(Tensor x, long at, int size, double mean) {
    double sum = 0;
    for (int k = 0; k < size; k++) {
      double centred = get(x, at + k) - mean;
      sum += centred * centred;
    }
    return sum / size;
  }

  @Override
  public void backward(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient stateGradientOut,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias,
      StateGradient stateGradientIn) {
    TimestepNormShape shape = TimestepNormShape.of(x, weight, padding, in, saved);
    shape.checkState("gradient after", stateGradientOut);
    shape.checkState("gradient before", stateGradientIn);
    Shapes.expect("dy", dy, shape.size());
    Shapes.expect("dx", dx, shape.size());
    Shapes.expect("dWeight", dWeight, shape.channels());
    Shapes.expect("dBias", dBias, shape.channels());
    for (int b = 0; b < shape.batch(); b++) {
      for (int g = 0; g < shape.groups(); g++) {
        backwardGroup(
            shape,
            b,
            g,
            dy,
            x,
            weight,
            padding,
            in,
            saved,
            stateGradientOut,
            dx,
            dWeight,
            dBias,
            stateGradientIn);
      }
    }
  }

  private static void backwardGroup(
      TimestepNormShape shape,
      int b,
      int g,
      Tensor dy,
      Tensor x,
      Tensor weight,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient gradientOut,
      Tensor dx,
      Tensor dWeight,
      Tensor dBias,
      StateGradient gradientIn) {
    int size = shape.groupSize();
    long state = (long) b * shape.groups() + g;
    double countIn = get(in.count(), b);
    double n = countIn + validSteps(padding, shape, b);
    if (n == 0) {
      set(gradientIn.mean(), state, get(gradientOut.mean(), state));
      set(gradientIn.variance(), state, get(gradientOut.variance(), state));
      clear(shape, b, g, dx);
      return;
    }
    SuffixSums sums = SuffixSums.after(shape, b, g, n, saved, gradientOut);
    for (int t = shape.length() - 1; t >= 0; t--) {
      long at = shape.index(b, t, g);
      if (isPadded(padding, shape, b, t)) {
        for (int k = 0; k < size; k++) {
          set(dx, at + k, 0);
        }
        continue;
      }
      double mean = get(saved.mean(), shape.statisticsIndex(b, t, g));
      double r = get(saved.inverseDeviation(), shape.statisticsIndex(b, t, g));
      sums.add(shape, at, g, dy, x, weight, mean, r);
      for (int k = 0; k < size; k++) {
        long channel = (long) g * size + k;
        double value = get(x, at + k);
        double gradient = get(dy, at + k);
        double e = gradient * (get(weight, channel) + 1);
        addTo(dWeight, channel, gradient * (value - mean) * r);
        addTo(dBias, channel, gradient);
        set(dx, at + k, e * r + (sums.a + 2 * (value - sums.origin) * sums.q) / size);
      }
    }
    double meanIn = get(in.mean(), state);
    set(gradientIn.mean(), state, countIn * (sums.a + 2 * (meanIn - sums.origin) * sums.q));
    set(gradientIn.variance(), state, countIn * sums.q);
  }

  /** A and Q of one group, from the last step to the first. */
  private static final class SuffixSums {
    /** Any value is right; one near the data cancels least. */
    private final double origin;

    private double n;
    private double a;
    private double q;

    private SuffixSums(double origin, double n) {
      this.origin = origin;
      this.n = n;
    }

    /** What the state after n steps, the last one here, adds. */
    static SuffixSums after(
        TimestepNormShape shape, int b, int g, double n, Saved saved, StateGradient gradient) {
      long state = (long) b * shape.groups() + g;
      double last = get(saved.mean(), shape.statisticsIndex(b, shape.length() - 1, g));
      SuffixSums sums = new SuffixSums(last, n);
      sums.q = n == 0 ? 0 : get(gradient.variance(), state) / n;
      sums.a = n == 0 ? 0 : get(gradient.mean(), state) / n;
      return sums;
    }

    /** Adds what the outputs of the n-th step give its statistics. */
    void add(
        TimestepNormShape shape,
        long at,
        int g,
        Tensor dy,
        Tensor x,
        Tensor weight,
        double mean,
        double r) {
      int size = shape.groupSize();
      double sumE = 0;
      double sumEx = 0;
      for (int k = 0; k < size; k++) {
        double e = get(dy, at + k) * (get(weight, (long) g * size + k) + 1);
        sumE += e;
        sumEx += e * (get(x, at + k) - mean);
      }
      double dMean = -r * sumE;
      double dVariance = -0.5 * r * r * r * sumEx;
      a += (dMean - 2 * (mean - origin) * dVariance) / n;
      q += dVariance / n;
      n--;
    }
  }

  @Override
  public void momentGradient(
      Tensor dy,
      Tensor x,
      Tensor weight,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient stateGradientOut,
      MomentGradient result) {
    TimestepNormShape shape = TimestepNormShape.of(x, weight, padding, in, saved);
    shape.checkState("gradient after", stateGradientOut).checkSums("result", result);
    Shapes.expect("dy", dy, shape.size());
    for (int b = 0; b < shape.batch(); b++) {
      double n = get(in.count(), b) + validSteps(padding, shape, b);
      for (int g = 0; g < shape.groups(); g++) {
        SuffixSums sums = SuffixSums.after(shape, b, g, n, saved, stateGradientOut);
        for (int t = shape.length() - 1; t >= 0; t--) {
          if (!isPadded(padding, shape, b, t)) {
            long at = shape.statisticsIndex(b, t, g);
            double mean = get(saved.mean(), at);
            double r = get(saved.inverseDeviation(), at);
            sums.add(shape, shape.index(b, t, g), g, dy, x, weight, mean, r);
          }
        }
        long state = (long) b * shape.groups() + g;
        set(result.origin(), state, sums.origin);
        set(result.first(), state, sums.a);
        set(result.second(), state, sums.q);
      }
    }
  }

  @Override
  public void stateGradientOut(
      List<MomentGradient> later,
      Optional<Tensor> padding,
      State in,
      Saved saved,
      StateGradient result) {
    HostMoments.stateGradient(later, padding, in, saved, result);
  }

  private static double validSteps(Optional<Tensor> padding, TimestepNormShape shape, int b) {
    double steps = 0;
    for (int t = 0; t < shape.length(); t++) {
      steps += isPadded(padding, shape, b, t) ? 0 : 1;
    }
    return steps;
  }

  private static void clear(TimestepNormShape shape, int b, int g, Tensor dx) {
    for (int t = 0; t < shape.length(); t++) {
      for (int k = 0; k < shape.groupSize(); k++) {
        set(dx, shape.index(b, t, g) + k, 0);
      }
    }
  }
}
