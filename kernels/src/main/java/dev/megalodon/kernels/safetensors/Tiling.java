package dev.megalodon.kernels.safetensors;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * The rule that tensors cover the bytes after the header exactly, each as large as it must be.
 *
 * @param file named in errors
 * @param dataBytes bytes after the header
 */
record Tiling(Path file, long dataBytes) {
  /**
   * The header with its tensors in the order of their bytes.
   *
   * @throws SafetensorsException naming the tensor that has the wrong size or place
   */
  Header check(Header header) throws SafetensorsException {
    Comparator<TensorInfo> byPlace =
        Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end);
    List<TensorInfo> ordered = header.tensors().stream().sorted(byPlace).toList();
    long next = 0;
    for (TensorInfo tensor : ordered) {
      checkSize(tensor);
      checkPlace(tensor, next);
      next = tensor.end();
    }
    if (next != dataBytes) {
      throw new SafetensorsException(
          file, "%d bytes follow the last tensor".formatted(dataBytes - next));
    }
    return new Header(header.metadata(), ordered);
  }

  private void checkSize(TensorInfo tensor) throws SafetensorsException {
    long needed;
    try {
      needed = Math.multiplyExact(tensor.elements(), (long) tensor.type().bytes());
    } catch (ArithmeticException e) {
      throw new SafetensorsException(
          file, tensor.name(), "has a shape of more than 2^63 bytes: " + tensor.dims());
    }
    // Neither end is negative, so the difference cannot overflow.
    if (tensor.bytes() != needed) {
      throw new SafetensorsException(
          file,
          tensor.name(),
          "holds %d bytes, but %s %s needs %d"
              .formatted(tensor.bytes(), tensor.type(), tensor.dims(), needed));
    }
  }

  private void checkPlace(TensorInfo tensor, long next) throws SafetensorsException {
    if (tensor.begin() != next) {
      String problem = tensor.begin() < next ? "overlaps the one before" : "comes after a gap";
      throw new SafetensorsException(
          file,
          tensor.name(),
          "%s: it begins at byte %d, not %d".formatted(problem, tensor.begin(), next));
    }
    if (tensor.end() > dataBytes) {
      throw new SafetensorsException(
          file,
          tensor.name(),
          "ends at byte %d of %d: the file is cut off".formatted(tensor.end(), dataBytes));
    }
  }
}
