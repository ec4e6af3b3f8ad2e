package dev.megalodon.kernels.host;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.lang.foreign.Arena;

/** Native host memory, freed as a whole by {@link #close}. Safe for use by several threads. */
public final class HostAllocator implements Allocator, AutoCloseable {
  /** Alignment of every tensor: a cache line, and the widest vector there is. */
  public static final long ALIGNMENT = 64;

  private final Arena arena = Arena.ofShared();

  @Override
  public Tensor allocate(ElementType type, long... dims) {
    long size = type.bytes();
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    return new Tensor(type, arena.allocate(size, ALIGNMENT), dims);
  }

  @Override
  public void close() {
    arena.close();
  }
}
