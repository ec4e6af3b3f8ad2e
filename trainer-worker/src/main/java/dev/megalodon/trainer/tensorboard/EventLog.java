package dev.megalodon.trainer.tensorboard;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Curves in a folder that TensorBoard shows: numbers by step, in one file for each time that
 * somebody begins. A thread of its own writes each event at once; whoever logs never waits, and
 * nothing that goes wrong with files is more than a warning.
 */
public final class EventLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
  private static final int WAITING_EVENTS = 10_000;
  private static final Duration FAREWELL = Duration.ofSeconds(5);

  // TensorBoard takes a folder's files by name, and never goes back to one it has passed: names
  // must sort as they were begun, whatever clocks say.
  private static final String NAME = "events.out.tfevents.%s";

  private final Path folder;
  private final ThreadPoolExecutor writer =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new LinkedBlockingQueue<>(WAITING_EVENTS),
          Thread.ofPlatform().daemon().name("tensorboard").factory(),
          new ThreadPoolExecutor.DiscardPolicy());
  private Optional<EventFile> file = Optional.empty();
  private boolean failed; // the writer's alone

  /**
   * A log that begins nothing yet.
   *
   * @param folder made when there is something to write
   */
  public EventLog(Path folder) {
    this.folder = folder;
  }

  /**
   * Begins a new file.
   *
   * @param name greater than those of all files before
   * @param firstStep what was logged of this step and of later ones does not count any more
   */
  public void begin(String name, long firstStep) {
    file = Optional.of(new EventFile(folder.resolve(NAME.formatted(name)), firstStep));
  }

  /** Logs numbers of a step by their tags; needs a file that was begun. */
  public void scalars(Instant time, long step, Map<String, Double> numbers) {
    EventFile target = file.orElseThrow(() -> new IllegalStateException("no file was begun"));
    byte[] event = Event.scalars(time, step, numbers);
    writer.execute(() -> write(target, time, event));
  }

  private void write(EventFile target, Instant time, byte[] event) {
    try {
      target.append(time, event);
      failed = false;
    } catch (IOException | RuntimeException e) {
      if (!failed) {
        LOG.warn("cannot write {}: {}; training goes on without it", target, e.toString());
      }
      failed = true;
    }
  }

  /** Waits a few seconds for what is not written yet. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      if (!writer.awaitTermination(FAREWELL.toSeconds(), TimeUnit.SECONDS)) {
        LOG.warn("{} takes too long to be written: its last events are lost", folder);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
