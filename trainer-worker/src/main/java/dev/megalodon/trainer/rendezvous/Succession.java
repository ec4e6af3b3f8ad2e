package dev.megalodon.trainer.rendezvous;

import dev.megalodon.crds.contract.ExitCode;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notices that rank 0 was replaced although the old one still works: its node's kubelet is dead,
 * say, and nobody ends its pod. Members go over to the new one, and the old one leaves.
 */
final class Succession implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Succession.class);

  private final Identity own;
  private final Attendance attendance;
  private final Supplier<OptionalLong> elsewhere;
  private final ScheduledExecutorService looking =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("rendezvous-succession").factory());

  /**
   * Looks at nothing before {@link #start}.
   *
   * @param elsewhere the highest incarnation of rank 0 that answers under its name, other than
   *     where this member is connected
   */
  Succession(Identity own, Attendance attendance, Supplier<OptionalLong> elsewhere) {
    this.own = own;
    this.attendance = attendance;
    this.elsewhere = elsewhere;
  }

  void start(RendezvousSettings settings) {
    long period = settings.silence().toNanos() / 2;
    looking.scheduleWithFixedDelay(this::look, period, period, TimeUnit.NANOSECONDS);
  }

  /** Asks once. */
  void look() {
    Optional<CoordinatorLink> link = attendance.link();
    if (link.isEmpty()) {
      return;
    }
    long current = link.get().coordinatorIncarnation();
    elsewhere.get().stream()
        .filter(newer -> newer > current)
        .findFirst()
        .ifPresent(newer -> goOver(link.get(), current, newer));
  }

  private void goOver(CoordinatorLink link, long old, long newer) {
    String reason =
        "incarnation %d of rank 0 is superseded by incarnation %d".formatted(old, newer);
    LOG.warn(reason);
    if (own.rank() == 0) {
      attendance.fail(new RendezvousException(ExitCode.LEFT_ON_NOTICE, reason));
    }
    link.close();
  }

  @Override
  public void close() {
    looking.shutdownNow();
  }
}
