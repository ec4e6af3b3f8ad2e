package dev.megalodon.trainer.parallel.aeron;

import java.lang.foreign.MemorySegment;

/**
 * The process's address space as one segment, where an offset is an address. Log buffers are mapped
 * by Aeron, which hands out addresses; a segment per message would cost an allocation per message.
 */
final class NativeMemory {
  static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

  private NativeMemory() {}
}
