package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.Pointwise;
import dev.megalodon.kernels.Tensor;

/**
 * Keys and values of the attention chunk that a stream is in, of one layer. Emptied when the chunk
 * is full: the next one does not attend to it.
 */
final class OpenChunk {
  private final Tensor keys; // (B, C, Z), rotated
  private final Tensor values; // (B, C, E)
  private long length;

  private OpenChunk(Tensor keys, Tensor values) {
    this.keys = keys;
    this.values = values;
  }

  /** An empty chunk. */
  static OpenChunk allocate(Device device, Allocator allocator, ModelConfig config, long batch) {
    long chunk = config.chunkSize();
    return new OpenChunk(
        allocator.allocate(device.elementType(), batch, chunk, config.zDim()),
        allocator.allocate(device.elementType(), batch, chunk, config.valueDim()));
  }

  /** Steps held, at most C − 1 between two pieces. */
  long length() {
    return length;
  }

  /** (B, C, Z), rotated; the first {@link #length} steps count. */
  Tensor keys() {
    return keys;
  }

  /** (B, C, E); the first {@link #length} steps count. */
  Tensor values() {
    return values;
  }

  /**
   * Adds a piece.
   *
   * @param k (B, l, Z), rotated, l not more than what is free
   * @param v (B, l, E)
   */
  void append(Pointwise pointwise, Tensor k, Tensor v) {
    copy(pointwise, k, keys);
    copy(pointwise, v, values);
    length += k.dim(1);
  }

  /** Empties the chunk if it is full. */
  void closeIfFull() {
    if (length == keys.dim(1)) {
      length = 0;
    }
  }

  /** Empties the chunk. */
  void clear() {
    length = 0;
  }

  private void copy(Pointwise pointwise, Tensor piece, Tensor target) {
    long width = piece.dim(2);
    long steps = piece.dim(1);
    for (long b = 0; b < piece.dim(0); b++) {
      Tensor from = piece.view(b * steps * width, steps, width);
      Tensor to = target.view((b * target.dim(1) + length) * width, steps, width);
      pointwise.copy(from, to);
    }
  }
}
