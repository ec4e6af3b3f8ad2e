package dev.megalodon.kernels.host;

import dev.megalodon.kernels.Allocator;
import dev.megalodon.kernels.ElementType;
import dev.megalodon.kernels.Tensor;
import java.lang.foreign.Arena;
import java.util.concurrent.atomic.AtomicLong;

/** Native host memory, freed as a whole by {@link #close}. Safe for use by several threads. */
public final class HostAllocator implements Allocator, AutoCloseable {
  /** Alignment of every tensor: a cache line, and the widest vector there is. */
  public static final long ALIGNMENT = 64;

  private final Arena arena = Arena.ofShared();
  private final AtomicLong allocated = new AtomicLong();

  @Override
  public Tensor allocate(ElementType type, long... dims) {
    long size = type.bytes();
    for (long dim : dims) {
      size = Math.multiplyExact(size, dim);
    }
    Tensor tensor = new Tensor(type, arena.allocate(size, ALIGNMENT), dims);
    allocated.addAndGet(size);
    return tensor;
  }

  /** Bytes of all tensors handed out so far. */
  public long allocatedBytes() {
    return allocated.get();
  }

  @Override
  public void close() {
    arena.close();
  }
}
