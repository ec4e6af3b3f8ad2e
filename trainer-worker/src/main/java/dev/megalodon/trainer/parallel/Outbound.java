package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;

/** The sending end of a link. */
public interface Outbound {
  /** The most payload bytes that one message carries: a multiple of 64. */
  int capacity();

  /**
   * Sends one message: the header and {@code length} bytes of {@code source} from {@code offset}.
   * The bytes are copied before this returns.
   *
   * @return false when there is no room now; nothing was sent
   */
  boolean offer(MessageHeader header, MemorySegment source, long offset, int length);

  /** How far the link is. */
  LinkState state();
}
