package dev.megalodon.kernels.shape;

import dev.megalodon.kernels.Tensor;

/**
 * A tensor (B, L, Z) whose columns are heads of equal width, one after another.
 *
 * @param batch B
 * @param length L
 * @param heads number of heads
 * @param width z, columns of one head
 */
public record HeadsShape(int batch, int length, int heads, int width) {
  /** The shape of {@code x} with that many heads. */
  public static HeadsShape of(String name, Tensor x, int heads) {
    SequenceShape sequence = SequenceShape.of(name, x);
    Shapes.require(
        heads > 0 && sequence.channels() % heads == 0,
        "%s is %s, whose last dimension cannot be split into %d heads",
        name,
        x,
        heads);
    return new HeadsShape(sequence.batch(), sequence.length(), heads, sequence.channels() / heads);
  }

  /** Z = heads·z. */
  public int columns() {
    return heads * width;
  }

  /** B·L. */
  public long steps() {
    return (long) batch * length;
  }

  /** B·L·Z. */
  public long size() {
    return steps() * columns();
  }
}
