package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.parallel.Ticker;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * What one member knows about the rendezvous. The listening thread writes down what the coordinator
 * says; the training thread waits here for what concerns it.
 */
final class Attendance {
  private static final long LONGEST_WAIT_MILLIS = 1_000;

  private final RendezvousSettings settings;
  private final Ticker ticker;
  private Optional<CoordinatorLink> link = Optional.empty();
  private Optional<Message.Ready> wish = Optional.empty();
  private Optional<Message.Open> opened = Optional.empty();
  private Optional<Epoch> current = Optional.empty();
  private Optional<Message.Abort> aborted = Optional.empty();
  private Optional<RuntimeException> failure = Optional.empty();
  private EpochId lastSeen = EpochId.NONE;
  private EpochId finished = EpochId.NONE;
  private String waitingFor = "rank 0 to answer";

  Attendance(RendezvousSettings settings, Ticker ticker) {
    this.settings = settings;
    this.ticker = ticker;
  }

  /** The connection to the coordinator, if there is one. */
  synchronized Optional<CoordinatorLink> link() {
    return link;
  }

  /** The coordinator has given this member its seat. */
  synchronized void connected(CoordinatorLink found) {
    link = Optional.of(found);
    waitingFor = "rank 0 to open an epoch";
    wish.ifPresent(this::send);
  }

  /** The coordinator cannot be reached, for this reason. */
  synchronized void disconnected(String reason) {
    waitingFor = reason;
    if (link.isPresent()) {
      link = Optional.empty();
      lose(lastSeen, new Loss(Loss.Cause.COORDINATOR_LOST, "lost rank 0: " + reason));
    }
    notifyAll();
  }

  /** Nothing will come of this any more: whoever waits here gets the exception. */
  synchronized void fail(RuntimeException reason) {
    if (failure.isEmpty()) {
      failure = Optional.of(reason);
      lose(lastSeen, new Loss(Loss.Cause.SUPERSEDED, String.valueOf(reason.getMessage())));
    }
    notifyAll();
  }

  /** The coordinator says what is missing for the next epoch. */
  synchronized void waiting(Message.Waiting message) {
    waitingFor = message.reason();
  }

  /** The coordinator opens an epoch; one that is not newer than the last is ignored. */
  synchronized void open(Message.Open message) {
    if (wish.isPresent() && message.epoch().compareTo(lastSeen) > 0) {
      lastSeen = message.epoch();
      String missed = "the epoch ended before this rank was in it";
      wish = Optional.of(new Message.Ready(lastSeen, missed, wish.get().holding()));
      opened = Optional.of(message);
      notifyAll();
    }
  }

  /** The coordinator ends an epoch. */
  synchronized void abort(Message.Abort message) {
    boolean missed = opened.filter(open -> open.epoch().equals(message.epoch())).isPresent();
    lose(message.epoch(), message.loss());
    if (missed) {
      wish.ifPresent(this::send);
    }
    notifyAll();
  }

  /** Everyone's work is done. */
  synchronized void allDone(Message.AllDone message) {
    finished = message.epoch();
    notifyAll();
  }

  /**
   * Asks for an epoch and waits for it.
   *
   * @param reason why this member is not in its last epoch any more
   * @param holding what state it has to go on from
   */
  synchronized Message.Open awaitEpoch(String reason, String holding) throws InterruptedException {
    Message.Ready ready = new Message.Ready(lastSeen, reason, holding);
    wish = Optional.of(ready);
    opened = Optional.empty();
    current = Optional.empty();
    send(ready);
    boolean met = await(settings.rejoin(), () -> opened.isPresent() || failure.isPresent());
    throwFailure();
    if (!met) {
      throw new RendezvousException(
          ExitCode.PEERS_LOST,
          "no epoch opened at %s:%d within %d s; still waiting for: %s"
              .formatted(
                  settings.host(), settings.port(), settings.rejoin().toSeconds(), waitingFor));
    }
    wish = Optional.empty();
    return opened.orElseThrow();
  }

  /** The training thread is in this epoch now, unless it was lost in the meantime. */
  synchronized void enter(Epoch epoch) {
    current = Optional.of(epoch);
    aborted
        .filter(abort -> abort.epoch().equals(epoch.id()))
        .ifPresent(abort -> epoch.lose(abort.loss()));
  }

  /** Says that this member's work is done, and waits until everyone's is; says whether it was. */
  synchronized boolean awaitAllDone(Epoch epoch) throws InterruptedException {
    send(new Message.Done(epoch.id()));
    await(settings.farewell(), () -> finished.equals(epoch.id()) || epoch.lost().isPresent());
    return finished.equals(epoch.id());
  }

  /** Says that this member leaves, and waits until the coordinator has heard it. */
  synchronized void leave(String reason, Duration bound) throws InterruptedException {
    send(new Message.Leave(reason));
    await(bound, () -> link.isEmpty());
  }

  private void lose(EpochId epoch, Loss loss) {
    aborted = Optional.of(new Message.Abort(epoch, loss));
    opened = opened.filter(open -> !open.epoch().equals(epoch));
    current.filter(entered -> entered.id().equals(epoch)).ifPresent(entered -> entered.lose(loss));
  }

  private void send(Message message) {
    link.ifPresent(connection -> connection.sendOrClose(message));
  }

  private void throwFailure() {
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private boolean await(Duration bound, BooleanSupplier condition) throws InterruptedException {
    long deadline = ticker.nanos() + bound.toNanos();
    while (!condition.getAsBoolean()) {
      long remaining = (deadline - ticker.nanos()) / 1_000_000;
      if (remaining <= 0) {
        return false;
      }
      wait(Math.min(remaining, LONGEST_WAIT_MILLIS));
    }
    return true;
  }
}
