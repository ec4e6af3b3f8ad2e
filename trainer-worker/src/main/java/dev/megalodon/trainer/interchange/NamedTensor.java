package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A tensor on its way from one file to another.
 *
 * @param name the reference implementation's name
 * @param type element type
 * @param dims shape, empty for a scalar
 * @param source where its bytes come from
 */
public record NamedTensor(String name, DataType type, List<Long> dims, Source source) {

  /** Makes a tensor's bytes: little-endian and row-major. */
  @FunctionalInterface
  public interface Source {
    /**
     * All bytes: a view of a mapped file where that is possible.
     *
     * @param scratch what memory comes from where it is not
     * @throws IOException when they cannot be had, naming the tensor
     */
    MemorySegment bytes(Arena scratch) throws IOException;
  }

  /** Keeps its own copy of the shape. */
  public NamedTensor {
    dims = List.copyOf(dims);
  }

  /** The same tensor with other bytes of another type or shape. */
  NamedTensor with(DataType newType, List<Long> newDims, Source newSource) {
    return new NamedTensor(name, newType, newDims, newSource);
  }

  /** All bytes; see {@link Source}. */
  public MemorySegment bytes(Arena scratch) throws IOException {
    return source.bytes(scratch);
  }

  /**
   * The tensor in single precision.
   *
   * @throws IOException when it is not floating, or cannot be read
   */
  public Tensor floats(Arena scratch) throws IOException {
    if (!Conversion.isFloating(type)) {
      throw new InterchangeException("tensor '%s' is %s, not floating".formatted(name, type));
    }
    MemorySegment bytes = Conversion.to(DataType.F32, this).bytes(scratch);
    long[] shape = dims.stream().mapToLong(Long::longValue).toArray();
    return new Tensor(ElementType.FLOAT32, bytes, shape);
  }

  /** Number of elements. */
  public long elements() {
    return dims.stream().reduce(1L, Math::multiplyExact);
  }

  /** Whether two tensors have one type, one shape and the same bits. */
  boolean isSame(NamedTensor other) throws IOException {
    if (type != other.type || !dims.equals(other.dims)) {
      return false;
    }
    try (Arena scratch = Arena.ofConfined()) {
      return bytes(scratch).mismatch(other.bytes(scratch)) == -1;
    }
  }

  /** What to write; memory that the bytes take is freed when they are written. */
  SafetensorsWriter.Entry entry() {
    return new SafetensorsWriter.Entry(
        name,
        type,
        dims,
        sink -> {
          try (Arena scratch = Arena.ofConfined()) {
            sink.write(bytes(scratch));
          }
        });
  }
}
