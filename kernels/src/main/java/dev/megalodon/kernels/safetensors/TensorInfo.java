package dev.megalodon.kernels.safetensors;

import java.util.List;

/**
 * One tensor of a file.
 *
 * @param name unique in the file
 * @param type element type
 * @param dims shape, empty for a scalar
 * @param begin first byte, counted from the end of the header
 * @param end byte after the last
 */
public record TensorInfo(String name, DataType type, List<Long> dims, long begin, long end) {
  /** Keeps its own copy of the shape. */
  public TensorInfo {
    dims = List.copyOf(dims);
  }

  /** Number of elements. */
  public long elements() {
    return dims.stream().reduce(1L, Math::multiplyExact);
  }

  /** Number of bytes. */
  public long bytes() {
    return end - begin;
  }

  /** The shape as an array. */
  public long[] shape() {
    return dims.stream().mapToLong(Long::longValue).toArray();
  }
}
