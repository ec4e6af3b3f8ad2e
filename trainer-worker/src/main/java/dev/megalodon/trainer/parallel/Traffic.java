package dev.megalodon.trainer.parallel;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bytes of the messages that a process exchanged with others, over all epochs: payload and headers
 * of its own, without those of the layers below and what these send again. The thread that calls
 * the links adds, any thread reads.
 */
public final class Traffic {
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLong received = new AtomicLong();

  /** A message has gone. */
  public void sent(int bytes) {
    add(sent, bytes);
  }

  /** A message has come. */
  public void received(int bytes) {
    add(received, bytes);
  }

  /** Bytes sent so far. */
  public long sentBytes() {
    return sent.get();
  }

  /** Bytes received so far. */
  public long receivedBytes() {
    return received.get();
  }

  /** There is one writer, so no other can come between: cheaper than an atomic addition. */
  private static void add(AtomicLong sum, int bytes) {
    sum.setRelease(sum.getPlain() + bytes);
  }
}
