package dev.megalodon.trainer.interchange.pytorch;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Where the elements of a tensor lie in its storage: element (i, j, …) at offset + i · strides[0] +
 * j · strides[1] + ….
 *
 * @param offset elements of the storage before the first
 * @param dims shape
 * @param strides elements from one index to the next, by dimension
 */
record StridedLayout(long offset, List<Long> dims, List<Long> strides) {
  private static final int MAX_RANK = 16;

  /** An expanded tensor repeats elements; one larger than this would only fill memory. */
  private static final long MAX_REPEATED = 1 << 20;

  /** Why it cannot lie in a storage of that many elements; empty when it can. */
  String problem(long storageElements) {
    if (dims.size() != strides.size() || dims.size() > MAX_RANK) {
      return "has %d dimensions and %d strides; %d are allowed"
          .formatted(dims.size(), strides.size(), MAX_RANK);
    }
    boolean negative = offset < 0 || dims.stream().anyMatch(n -> n < 0);
    if (negative || strides.stream().anyMatch(n -> n < 0)) {
      return "has a negative offset, dimension or stride: " + this;
    }
    try {
      return placeProblem(storageElements);
    } catch (ArithmeticException e) {
      return "reaches beyond 2^63 elements: " + this;
    }
  }

  private String placeProblem(long storageElements) {
    long elements = elements();
    long end = elements == 0 ? offset : Math.addExact(last(), 1);
    if (end > storageElements) {
      return "ends at element %d of a storage of %d".formatted(end, storageElements);
    }
    if (elements > Math.max(storageElements, MAX_REPEATED)) {
      return "repeats %d elements as %d".formatted(storageElements, elements);
    }
    return "";
  }

  /** How many elements the tensor has. */
  long elements() {
    return dims.contains(0L) ? 0 : dims.stream().reduce(1L, Math::multiplyExact);
  }

  private long last() {
    long last = offset;
    for (int i = 0; i < dims.size(); i++) {
      last = Math.addExact(last, Math.multiplyExact(dims.get(i) - 1, strides.get(i)));
    }
    return last;
  }

  /** Whether the elements lie one after the other in row-major order. */
  boolean isContiguous() {
    long expected = 1;
    for (int i = dims.size() - 1; i >= 0; i--) {
      // The stride of a dimension of one element is never used.
      if (dims.get(i) != 1 && strides.get(i) != expected) {
        return false;
      }
      expected *= dims.get(i);
    }
    return true;
  }

  /**
   * Copies the elements in row-major order.
   *
   * @param target (elements() · elementBytes) bytes
   */
  void gather(MemorySegment storage, int elementBytes, MemorySegment target) {
    int rank = dims.size();
    long[] index = new long[rank];
    long elements = elements();
    long from = offset;
    for (long i = 0; i < elements; i++) {
      MemorySegment.copy(storage, from * elementBytes, target, i * elementBytes, elementBytes);
      for (int d = rank - 1; d >= 0; d--) {
        from += strides.get(d);
        if (++index[d] < dims.get(d)) {
          break;
        }
        from -= dims.get(d) * strides.get(d);
        index[d] = 0;
      }
    }
  }
}
