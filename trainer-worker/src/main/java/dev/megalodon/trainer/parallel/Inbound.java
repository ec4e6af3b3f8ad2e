package dev.megalodon.trainer.parallel;

import java.lang.foreign.MemorySegment;

/** The receiving end of a link. */
public interface Inbound {
  /**
   * Hands at most {@code limit} messages to {@code handler}, in the order they were sent.
   *
   * @return how many messages were consumed
   */
  int poll(Handler handler, int limit);

  /** How far the link is; messages that arrived before it closed can still be polled. */
  LinkState state();

  /** Takes messages where they lie; the memory is only valid during the call. */
  @FunctionalInterface
  interface Handler {
    /**
     * Consumes one message.
     *
     * @param memory holds the message
     * @param offset where its header starts in {@code memory}
     * @param length bytes of header and payload
     * @return false to stop polling after this message
     */
    boolean onMessage(MemorySegment memory, long offset, int length);
  }
}
