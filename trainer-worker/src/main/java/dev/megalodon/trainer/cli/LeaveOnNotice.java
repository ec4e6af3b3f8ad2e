package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.progress.TerminationMessage;
import dev.megalodon.trainer.training.StopSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Turns SIGTERM into leaving in good order: the training thread is asked to leave and the JVM waits
 * for it, within the grace period, and ends with its exit code.
 */
final class LeaveOnNotice {
  // Kept back from the grace period, after which the kubelet kills.
  private static final Duration RESERVE = Duration.ofSeconds(5);

  private final StopSignal stop;
  private final TerminationMessage message;
  private final CompletableFuture<ExitCode> end = new CompletableFuture<>();
  private volatile Duration grace = Duration.ofSeconds(30);

  private LeaveOnNotice(StopSignal stop, TerminationMessage message) {
    this.stop = stop;
    this.message = message;
  }

  /** From now on SIGTERM asks to leave. */
  static LeaveOnNotice install(StopSignal stop, Path terminationMessage) {
    LeaveOnNotice notice = new LeaveOnNotice(stop, new TerminationMessage(terminationMessage));
    Runtime.getRuntime().addShutdownHook(new Thread(notice::leave, "leave-on-notice"));
    return notice;
  }

  /** How long leaving may take from the notice on. */
  void grace(Duration period) {
    grace = period;
  }

  /** The process's work is over; it ends with this code. */
  void ended(ExitCode code) {
    end.complete(code);
  }

  /** Runs when the JVM is told to end, also when it ends by itself. */
  private void leave() {
    stop.request();
    Runtime.getRuntime().halt(await().code());
  }

  private ExitCode await() {
    Duration patience = grace.compareTo(RESERVE.multipliedBy(2)) > 0 ? grace.minus(RESERVE) : grace;
    try {
      return end.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      message.write(
          "told to leave, but the last checkpoint was not written within %d s"
              .formatted(patience.toSeconds()));
      return ExitCode.LEFT_ON_NOTICE;
    } catch (InterruptedException | ExecutionException e) {
      return ExitCode.UNEXPECTED;
    }
  }
}
