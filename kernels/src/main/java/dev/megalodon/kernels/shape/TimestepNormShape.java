package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm.MomentGradient;
import dev.megalodon.kernels.TimestepNorm.Saved;
import dev.megalodon.kernels.TimestepNorm.State;
import dev.megalodon.kernels.TimestepNorm.StateGradient;
import java.util.Optional;

/**
 * Dimensions of a timestep norm.
 *
 * @param batch B
 * @param length L
 * @param channels D
 * @param groups G
 */
public record TimestepNormShape(int batch, int length, int channels, int groups) {
  /** The dimensions of a call from its input and the state before it. */
  public static TimestepNormShape of(
      Tensor x, Tensor weight, Optional<Tensor> padding, State in, Saved saved) {
    TimestepNormShape shape = of(x, padding, in);
    Shapes.expect("weight", weight, shape.channels);
    Shapes.expect("saved mean", saved.mean(), ElementType.FLOAT64, shape.statistics());
    Shapes.expect(
        "saved deviation", saved.inverseDeviation(), ElementType.FLOAT64, shape.statistics());
    return shape;
  }

  /** The dimensions of a call that needs no output. */
  public static TimestepNormShape of(Tensor x, Optional<Tensor> padding, State in) {
    SequenceShape sequence = SequenceShape.of("x", x);
    TimestepNormShape shape =
        new TimestepNormShape(
            sequence.batch(),
            sequence.length(),
            sequence.channels(),
            Math.toIntExact(in.mean().dim(-1)));
    Shapes.require(shape.length > 0, "a sequence of no steps");
    Shapes.require(
        shape.groups > 0 && shape.channels % shape.groups == 0,
        "%d channels cannot be split into %d groups",
        shape.channels,
        shape.groups);
    Shapes.expect("padding", padding, sequence.steps());
    shape.checkState("state before", in);
    return shape;
  }

  /** Checks a state's shape. */
  public TimestepNormShape checkState(String name, State state) {
    Shapes.expect(name + ": count", state.count(), ElementType.FLOAT64, batch);
    Shapes.expect(name + ": mean", state.mean(), ElementType.FLOAT64, (long) batch * groups);
    Shapes.expect(
        name + ": variance", state.variance(), ElementType.FLOAT64, (long) batch * groups);
    return this;
  }

  /** Checks the shape of a state's gradient. */
  public TimestepNormShape checkState(String name, StateGradient gradient) {
    Shapes.expect(name + ": mean", gradient.mean(), ElementType.FLOAT64, (long) batch * groups);
    Shapes.expect(
        name + ": variance", gradient.variance(), ElementType.FLOAT64, (long) batch * groups);
    return this;
  }

  /** Checks the shape of moments' gradients. */
  public TimestepNormShape checkSums(String name, MomentGradient sums) {
    long size = (long) batch * groups;
    Shapes.expect(name + ": origin", sums.origin(), ElementType.FLOAT64, size);
    Shapes.expect(name + ": first", sums.first(), ElementType.FLOAT64, size);
    Shapes.expect(name + ": second", sums.second(), ElementType.FLOAT64, size);
    return this;
  }

  /** S, channels in a group. */
  public int groupSize() {
    return channels / groups;
  }

  /** B·L·D. */
  public long size() {
    return (long) batch * length * channels;
  }

  /** B·L·G. */
  public long statistics() {
    return (long) batch * length * groups;
  }

  /** Index of (b, t, first channel of g) in x. */
  public long index(int b, int t, int g) {
    return ((long) b * length + t) * channels + (long) g * groupSize();
  }

  /** Index of (b, t, g) in the saved statistics. */
  public long statisticsIndex(int b, int t, int g) {
    return ((long) b * length + t) * groups + g;
  }
}
