package dev.megalodon.kernels.cpu;

import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;
import dev.megalodon.kernels.host.HostElements;
import dev.megalodon.kernels.host.HostMoments;
import dev.megalodon.kernels.shape.Shapes;
import dev.megalodon.kernels.shape.TimestepNormShape;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Ranges of groups in parallel; statistics in double. */
final class CpuTimestepNorm implements TimestepNorm {
  private static final int SHARED_COLUMNS = 0;
  private static final int SHARED_WEIGHT_SUMS = 1;
  private static final int SHARED_BIAS_SUMS = 2;

  private final Processor processor;

  CpuTimestepNorm(Processor processor) {
    this.processor = processor;
  }

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
    TimestepNormForward pass =
        new TimestepNormForward(x, weight, bias, padding, in, epsilon, y, saved, out);
    forEachRange(shape, pass::run);
    countSteps(shape, padding, in, out);
  }

  private static void countSteps(
      TimestepNormShape shape, Optional<Tensor> padding, State in, State out) {
    for (int b = 0; b < shape.batch(); b++) {
      HostElements.set(
          out.count(), b, HostElements.get(in.count(), b) + validSteps(shape, padding, b));
    }
  }

  private static double validSteps(TimestepNormShape shape, Optional<Tensor> padding, int b) {
    GroupRange any = new GroupRange(shape, b, /* firstGroup= */ 0, /* groups= */ 1);
    int steps = 0;
    for (int t = 0; t < shape.length(); t++) {
      steps += any.isPadded(padding, t) ? 0 : 1;
    }
    return steps;
  }

  @FunctionalInterface
  private interface RangePass {
    void run(Scratch scratch, GroupRange range);
  }

  private void forEachRange(TimestepNormShape shape, RangePass pass) {
    long ranges = (long) shape.batch() * GroupRange.perSequence(shape);
    processor.forEach(
        ranges,
        shape.size() / Math.max(1, ranges),
        (scratch, first, end) -> {
          for (long range = first; range < end; range++) {
            pass.run(scratch, GroupRange.of(shape, range));
          }
        });
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
    int sums = shape.batch() * shape.channels();
    double[] weightSums = processor.shared().doubles(SHARED_WEIGHT_SUMS, sums);
    double[] biasSums = processor.shared().doubles(SHARED_BIAS_SUMS, sums);
    TimestepNormBackward pass =
        new TimestepNormBackward(
            dy,
            x,
            weight,
            padding,
            in,
            saved,
            stateGradientOut,
            dx,
            weightSums,
            biasSums,
            stateGradientIn);
    forEachRange(shape, pass::run);
    addSequenceSums(shape, weightSums, dWeight);
    addSequenceSums(shape, biasSums, dBias);
  }

  /** Adds the sums of all sequences, in their order. */
  private void addSequenceSums(TimestepNormShape shape, double[] sums, Tensor gradient) {
    double[] columns = processor.shared().doubles(SHARED_COLUMNS, shape.channels());
    Arrays.fill(columns, 0, shape.channels(), 0);
    for (int b = 0; b < shape.batch(); b++) {
      for (int k = 0; k < shape.channels(); k++) {
        columns[k] += sums[b * shape.channels() + k];
      }
    }
    Gradients.add(columns, shape.channels(), gradient, 0);
  }

  @Override
  public void advance(Tensor x, Optional<Tensor> padding, State in, State out) {
    TimestepNormShape shape = TimestepNormShape.of(x, padding, in);
    shape.checkState("state after", out);
    forEachRange(shape, (scratch, range) -> advance(scratch, range, x, padding, in, out));
    countSteps(shape, padding, in, out);
  }

  private static void advance(
      Scratch scratch, GroupRange range, Tensor x, Optional<Tensor> padding, State in, State out) {
    RunningStatistics statistics = RunningStatistics.load(scratch, range, padding, in);
    double n = HostElements.get(in.count(), range.batch());
    for (int step = 0; step < range.shape().length(); step += GroupRange.STEPS) {
      statistics.loadTile(x, step, n);
      for (int r = 0; r < range.rows(step); r++) {
        n = statistics.add(step, r, n);
      }
    }
    statistics.store(out);
  }

  @Override
  public void merge(List<State> pieces, State result) {
    HostMoments.merge(pieces, result);
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
    forEachRange(
        shape,
        (scratch, range) -> {
          SuffixSums sums = SuffixSums.of(scratch, range, padding, weight, saved);
          double n = HostElements.get(in.count(), range.batch()) + sums.validSteps();
          sums.start(stateGradientOut, n);
          int last = (shape.length() - 1) / GroupRange.STEPS * GroupRange.STEPS;
          for (int step = last; step >= 0; step -= GroupRange.STEPS) {
            n = addTile(sums, padding, dy, x, step, n);
          }
          sums.store(result);
        });
  }

  /** Returns the number of steps seen before the tile. */
  private static double addTile(
      SuffixSums sums, Optional<Tensor> padding, Tensor dy, Tensor x, int step, double n) {
    GroupRange range = sums.range();
    sums.loadTile(dy, x, step);
    double left = n;
    for (int r = range.rows(step) - 1; r >= 0; r--) {
      if (!range.isPadded(padding, step + r)) {
        sums.add(r, left);
        left--;
      }
    }
    return left;
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
}
