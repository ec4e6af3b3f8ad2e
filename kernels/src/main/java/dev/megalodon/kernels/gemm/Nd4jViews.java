package dev.megalodon.kernels.gemm;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.shape.Shapes;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.nd4j.linalg.api.buffer.DataBuffer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * ND4J arrays and tensors over the same memory, for where people look at numbers: initialization,
 * inspection, tests. Not for the training step: an ND4J operation costs microseconds to start, and
 * what it allocates is not bounded by the Java heap.
 *
 * <p>A view does not keep the memory alive. It is invalid once the device that owns the tensor, or
 * the array, is closed.
 */
public final class Nd4jViews {
  private Nd4jViews() {}

  /**
   * A row-major array over a tensor's memory; what is written to one is seen in the other.
   *
   * @throws IllegalArgumentException when the tensor is neither FLOAT32 nor FLOAT64, or empty
   */
  public static INDArray view(Tensor tensor) {
    Shapes.require(tensor.size() > 0, "%s is empty, and ND4J has no empty views", tensor);
    long address = tensor.memory().address();
    return switch (tensor.type()) {
      case FLOAT32 -> array(tensor, new FloatView(address, tensor.size()), DataType.FLOAT);
      case FLOAT64 -> array(tensor, new DoubleView(address, tensor.size()), DataType.DOUBLE);
      default ->
          throw new IllegalArgumentException(
              tensor + " has no view: only FLOAT32 and FLOAT64 tensors do");
    };
  }

  private static INDArray array(Tensor tensor, Pointer pointer, DataType type) {
    DataBuffer buffer = Nd4j.createBuffer(pointer, tensor.size(), type);
    long[] dims = tensor.rank() == 0 ? new long[] {1} : tensor.dims();
    return Nd4j.create(buffer, dims, Nd4j.getStrides(dims, 'c'), /* offset= */ 0, 'c', type);
  }

  /**
   * A tensor over an array's memory; what is written to one is seen in the other.
   *
   * @throws IllegalArgumentException when the array is no contiguous row-major array of single or
   *     double precision
   */
  public static Tensor view(INDArray array) {
    boolean rowMajor =
        !array.isView() && Arrays.equals(array.stride(), Nd4j.getStrides(array.shape(), 'c'));
    Shapes.require(
        rowMajor, "only whole row-major arrays can be seen as tensors; use dup('c') first");
    ElementType type =
        switch (array.dataType()) {
          case FLOAT -> ElementType.FLOAT32;
          case DOUBLE -> ElementType.FLOAT64;
          default ->
              throw new IllegalArgumentException(
                  "an array of %s has no view".formatted(array.dataType()));
        };
    MemorySegment memory =
        MemorySegment.ofAddress(array.data().address()).reinterpret(array.length() * type.bytes());
    return new Tensor(type, memory, array.shape());
  }

  /** A pointer to memory that somebody else owns. */
  private static final class FloatView extends FloatPointer {
    FloatView(long address, long size) {
      this.address = address;
      this.limit = size;
      this.capacity = size;
    }
  }

  /** A pointer to memory that somebody else owns. */
  private static final class DoubleView extends DoublePointer {
    DoubleView(long address, long size) {
      this.address = address;
      this.limit = size;
      this.capacity = size;
    }
  }
}
