package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.Tensor;

/**
 * A tensor (B, L, D).
 *
 * @param batch B
 * @param length L
 * @param channels D
 */
public record SequenceShape(int batch, int length, int channels) {
  /** The shape of {@code x}, which must have three dimensions. */
  public static SequenceShape of(String name, Tensor x) {
    Shapes.require(x.rank() == 3, "%s is %s, but must be (B, L, D)", name, x);
    return new SequenceShape(
        Math.toIntExact(x.dim(0)), Math.toIntExact(x.dim(1)), Math.toIntExact(x.dim(2)));
  }

  /** B·L. */
  public long steps() {
    return (long) batch * length;
  }

  /** B·L·D. */
  public long size() {
    return steps() * channels;
  }

  /** Index of (b, t, 0). */
  public long index(long b, long t) {
    return (b * length + t) * channels;
  }
}
