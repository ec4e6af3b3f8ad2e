package dev.megalodon.kernels;

/** Copies between host arrays and a device's tensors, converting between floating types. */
public interface HostTransfer {
  /** Writes all of {@code target}; {@code source} has as many elements, in row-major order. */
  void write(double[] source, Tensor target);

  /** Writes all of {@code target}; {@code source} has as many elements, in row-major order. */
  void write(float[] source, Tensor target);

  /** Writes all of an INT32 tensor. */
  void write(int[] source, Tensor target);

  /** Writes all of a UINT8 tensor. */
  void write(byte[] source, Tensor target);

  /** Reads all elements of a floating tensor. */
  double[] toDoubles(Tensor source);

  /** Reads all elements of a floating tensor, rounded to single. */
  float[] toFloats(Tensor source);
}
