package dev.megalodon.kernels.reference;

import static dev.megalodon.kernels.host.HostElements.addTo;
import static dev.megalodon.kernels.host.HostElements.get;
import static dev.megalodon.kernels.host.HostElements.getByte;
import static dev.megalodon.kernels.host.HostElements.set;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.shape.Shapes;
import dev.megalodon.kernels.shape.TimestepNormShape;
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
    double n = get(in.count(), b);
    double mean = get(in.mean(), state);
    double variance = get(in.variance(), state);
    for (int t = 0; t < shape.length(); t++) {
      long at = shape.index(b, t, g);
      boolean padded = isPadded(padding, shape, b, t);
      if (!padded) {
        double groupMean = groupMean(x, at, size);
        double groupVariance = groupVariance(x, at, size, groupMean);
        n++;
        double delta = groupMean - mean;
        variance = (1 - 1 / n) * variance + groupVariance / n + 1 / n * (1 - 1 / n) * delta * delta;
        mean += delta / n;
      }
      double r = 1 / Math.sqrt(variance + epsilon);
      for (int k = 0; k < size; k++) {
        double w = get(weight, (long) g * size + k) + 1;
        double normalized = (get(x, at + k) - mean) * r * w + get(bias, (long) g * size + k);
        set(y, at + k, padded ? 0 : normalized);
      }
      set(saved.mean(), shape.statisticsIndex(b, t, g), mean);
      set(saved.inverseDeviation(), shape.statisticsIndex(b, t, g), r);
    }
    set(out.mean(), state, mean);
    set(out.variance(), state, variance);
    return n;
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
    // The moments are taken about this origin; any value is right, one near the data cancels least.
    double origin = get(saved.mean(), shape.statisticsIndex(b, shape.length() - 1, g));
    double q = get(gradientOut.variance(), state) / n;
    double a = get(gradientOut.mean(), state) / n;
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
      for (int k = 0; k < size; k++) {
        long channel = (long) g * size + k;
        double value = get(x, at + k);
        double gradient = get(dy, at + k);
        double e = gradient * (get(weight, channel) + 1);
        addTo(dWeight, channel, gradient * (value - mean) * r);
        addTo(dBias, channel, gradient);
        set(dx, at + k, e * r + (a + 2 * (value - origin) * q) / size);
      }
      n--;
    }
    set(gradientIn.mean(), state, countIn * (a + 2 * (get(in.mean(), state) - origin) * q));
    set(gradientIn.variance(), state, countIn * q);
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
