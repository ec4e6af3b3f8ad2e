package dev.megalodon.trainer.parallel;

/** Keeps messages of other epochs out of this one. */
final class EpochFence {
  private final long epoch;
  private long dropped;

  EpochFence(long epoch) {
    this.epoch = epoch;
  }

  /** Whether a message belongs to this epoch; counts those that do not. */
  boolean admits(MessageHeader header) {
    boolean own = header.epoch() == epoch;
    dropped += own ? 0 : 1;
    return own;
  }

  /** Header of a message that this rank sends. */
  MessageHeader header(Operation operation, long position, long total) {
    return new MessageHeader(epoch, operation.code(), position, total);
  }

  /** The epoch's number. */
  long epoch() {
    return epoch;
  }

  /** Messages of other epochs so far. */
  long dropped() {
    return dropped;
  }

  /** What to throw when a peer is at another operation than this rank. */
  static IllegalStateException apart(MessageHeader received, MessageHeader expected) {
    return new IllegalStateException(
        "ranks call different collectives: the peer is at %s, this rank at %s"
            .formatted(received, expected));
  }
}
