package dev.megalodon.trainer.parallel;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;

/**
 * Waits for exchanges of one epoch to finish, and ends the wait when a peer is gone or silent or
 * the epoch is over. All operations of a rank share one watch, so one loss stops them all.
 *
 * <p>One thread completes exchanges; any thread may {@link #abort}.
 */
final class PeerWatch {
  private final int rank;
  private final EpochFence fence;
  private final PatientWait wait;
  private final StepClock clock;
  private final List<IntSupplier> background = new ArrayList<>();
  private volatile Optional<String> broken = Optional.empty();

  PeerWatch(Group group, CollectiveSettings settings) {
    this(group, settings, new StepClock(settings.ticker()));
  }

  /** A watch that tells {@code clock} when this rank waits. */
  PeerWatch(Group group, CollectiveSettings settings, StepClock clock) {
    this.rank = group.rank();
    this.fence = new EpochFence(group.epoch());
    this.wait = new PatientWait(settings);
    this.clock = clock;
  }

  /** What tells this epoch's messages from others'. */
  EpochFence fence() {
    return fence;
  }

  /**
   * Also moves this traffic in every wait, whatever the wait is for: peers may depend on it.
   *
   * @param mover returns how many messages it moved
   */
  void moveAlways(IntSupplier mover) {
    background.add(mover);
  }

  /**
   * Returns when the exchange has finished.
   *
   * @throws PeerLostException when it cannot
   */
  void complete(Operation operation, Exchange exchange) {
    requireWhole(operation);
    clock.waits();
    try {
      await(operation, exchange);
    } finally {
      clock.goesOn();
    }
  }

  private void await(Operation operation, Exchange exchange) {
    wait.progressed();
    while (!exchange.finished()) {
      if (moveBackground() + exchange.move() > 0) {
        wait.progressed();
        clock.moved();
      } else {
        breakIfStuck(operation, exchange);
        wait.idle();
      }
      requireWhole(operation);
    }
  }

  /** Makes the wait in progress and every later one throw {@link PeerLostException}. */
  synchronized void abort(String reason) {
    broken = broken.or(() -> Optional.of(reason));
  }

  /** Why waits fail, once they do. */
  Optional<String> broken() {
    return broken;
  }

  /** Throws once the epoch is broken. */
  void requireWhole() {
    requireWhole("go on");
  }

  /** Throws once the epoch is broken. */
  void requireWhole(Operation operation) {
    requireWhole(operation.kind().toString());
  }

  private void requireWhole(String purpose) {
    Optional<String> reason = broken;
    if (reason.isPresent()) {
      throw new PeerLostException(
          "rank %d cannot %s with its peers: %s".formatted(rank, purpose, reason.get()));
    }
  }

  private int moveBackground() {
    int messages = 0;
    for (IntSupplier mover : background) {
      messages += mover.getAsInt();
    }
    return messages;
  }

  private void breakIfStuck(Operation operation, Exchange exchange) {
    Optional<String> missing = exchange.missingPeer();
    if (missing.isPresent()) {
      abort(missing.get() + "; " + describe(operation, exchange));
    } else if (wait.expired()) {
      double seconds = wait.silence().toMillis() / 1e3;
      abort("no progress for %.1f s; %s".formatted(seconds, describe(operation, exchange)));
    }
  }

  private String describe(Operation operation, Exchange exchange) {
    return "in %s of epoch %x, rank %d %s (%d messages of other epochs dropped)"
        .formatted(operation, fence.epoch(), rank, exchange.progress(), fence.dropped());
  }
}
