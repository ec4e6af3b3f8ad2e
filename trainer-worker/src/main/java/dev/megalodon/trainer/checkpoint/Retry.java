package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;

/** Tries again, for a bounded time, what a network file system may show late. */
record Retry(Duration patience) {
  private static final long PAUSE_MILLIS = 200;

  /** Something that reads files. */
  @FunctionalInterface
  interface Attempt<T> {
    T run() throws IOException;
  }

  /** The first result; after the time is up, the last error. */
  <T> T untilItWorks(Attempt<T> attempt) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return attempt.run();
      } catch (NoSuchFileException | DamagedCheckpointException e) {
        if (System.nanoTime() >= end || !pause()) {
          throw e;
        }
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
