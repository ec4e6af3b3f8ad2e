package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves the same sequence of allocations again and again, for pieces of different lengths: after
 * {@link #rewind} the n-th request gets the memory of the n-th request before, if that is large
 * enough. Make the largest requests first.
 */
final class ReusableMemory implements Allocator {
  private final Device device;
  private final List<Tensor> memory = new ArrayList<>();
  private int next;

  ReusableMemory(Device device) {
    this.device = device;
  }

  /** Begins the sequence again; tensors handed out before must not be used any more. */
  void rewind() {
    next = 0;
  }

  /** As the interface says, but the tensor is not zeroed when its memory was used before. */
  @Override
  public Tensor allocate(ElementType type, long... dims) {
    if (next == memory.size()) {
      memory.add(device.allocate(type, dims));
    } else if (!fits(memory.get(next), type, dims)) {
      memory.set(next, device.allocate(type, dims));
    }
    return memory.get(next++).view(0, dims);
  }

  private static boolean fits(Tensor tensor, ElementType type, long... dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return tensor.type() == type && size <= tensor.size();
  }
}
