package dev.megalodon.kernels;

/** Where memory for tensors comes from: a device, or a slab cut from one. */
@FunctionalInterface
public interface Allocator {
  /**
   * A zeroed, 64-byte aligned tensor.
   *
   * @throws OutOfMemoryError when the device or the slab has no room
   */
  Tensor allocate(ElementType type, long... dims);
}
