package dev.megalodon.kernels;

/** What one element of a tensor is. */
public enum ElementType {
  /** IEEE double: the reference device, statistics of timestep norm, losses. */
  FLOAT64(8),
  /** IEEE single. */
  FLOAT32(4),
  /** The upper half of an IEEE single. */
  BFLOAT16(2),
  /** Signed 32-bit integer: tokens and targets. */
  INT32(4),
  /** Unsigned byte: padding masks. */
  UINT8(1);

  private final int bytes;

  ElementType(int bytes) {
    this.bytes = bytes;
  }

  /** Size of one element. */
  public int bytes() {
    return bytes;
  }
}
