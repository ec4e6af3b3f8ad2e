package dev.megalodon.trainer.memory;

import dev.megalodon.trainer.memory.MemoryItem.Kind;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Bytes by what they are for.
 *
 * @param bytes of every item that needs some
 */
public record MemoryPlan(Map<MemoryItem, Long> bytes) {
  /** Keeps its own copy. */
  public MemoryPlan {
    Map<MemoryItem, Long> copy = new EnumMap<>(MemoryItem.class);
    copy.putAll(bytes);
    bytes = Collections.unmodifiableMap(copy);
  }

  /** The same with what the JVM holds. */
  public MemoryPlan withJvm(long jvmBytes) {
    Map<MemoryItem, Long> more = new EnumMap<>(MemoryItem.class);
    more.putAll(bytes);
    more.put(MemoryItem.JVM, jvmBytes);
    return new MemoryPlan(more);
  }

  /** Bytes of one item. */
  public long of(MemoryItem item) {
    return bytes.getOrDefault(item, 0L);
  }

  /** Bytes of all items of a kind. */
  public long of(Kind kind) {
    return bytes.entrySet().stream()
        .filter(entry -> entry.getKey().kind() == kind)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  /** Bytes outside the Java heap that the trainer asks for. */
  public long outsideHeap() {
    return of(Kind.STATE) + of(Kind.ACTIVATION);
  }
}
