package dev.megalodon.kernels;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A contiguous row-major view on a device's memory. On a device whose memory the host cannot
 * address, the segment is only an address and a length.
 */
public final class Tensor {
  private final ElementType type;
  private final MemorySegment memory;
  private final long[] dims;

  /**
   * Views {@code memory} as a tensor.
   *
   * @throws IllegalArgumentException when the segment's size is not that of the shape
   */
  public Tensor(ElementType type, MemorySegment memory, long... dims) {
    this.type = type;
    this.memory = memory;
    this.dims = dims.clone();
    if (memory.byteSize() != size() * type.bytes()) {
      throw new IllegalArgumentException(
          "a tensor %s of %s needs %d bytes, not %d"
              .formatted(Arrays.toString(dims), type, size() * type.bytes(), memory.byteSize()));
    }
  }

  /** What the elements are. */
  public ElementType type() {
    return type;
  }

  /** The memory under this view, exactly as long as the view. */
  public MemorySegment memory() {
    return memory;
  }

  /** Number of elements. */
  public long size() {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return size;
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** Length of one dimension; a negative axis counts from the last. */
  public long dim(int axis) {
    return dims[axis < 0 ? dims.length + axis : axis];
  }

  /** The shape. */
  public long[] dims() {
    return dims.clone();
  }

  /** The product of all dimensions but the last: how many rows this is as a matrix. */
  public long rows() {
    long rows = 1;
    for (int axis = 0; axis < dims.length - 1; axis++) {
      rows *= dims[axis];
    }
    return rows;
  }

  /** The same memory in another shape of equal size. */
  public Tensor reshape(long... newDims) {
    return new Tensor(type, memory, newDims);
  }

  /** A view on {@code count} entries of the first dimension. */
  public Tensor slice(long from, long count) {
    long[] sliced = dims.clone();
    sliced[0] = count;
    long stride = size() / dims[0];
    return view(from * stride, sliced);
  }

  /** A view that starts {@code offset} elements into this one, in any shape that fits. */
  public Tensor view(long offset, long... newDims) {
    long count = 1;
    for (long dim : newDims) {
      count *= dim;
    }
    return new Tensor(type, memory.asSlice(offset * type.bytes(), count * type.bytes()), newDims);
  }

  @Override
  public String toString() {
    return type + Arrays.toString(dims);
  }
}
