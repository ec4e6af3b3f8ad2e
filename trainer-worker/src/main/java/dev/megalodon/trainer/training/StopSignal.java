package dev.megalodon.trainer.training;

import java.util.Optional;
import java.util.concurrent.Callable;

/** Tells the training thread that this process should leave. Any thread may ask. */
public final class StopSignal {
  private boolean requested;
  private Optional<Thread> waiting = Optional.empty();

  /** Asks to leave at the end of the step; a wait for other ranks ends at once. */
  public synchronized void request() {
    requested = true;
    waiting.ifPresent(Thread::interrupt);
  }

  /** Whether anyone has asked. */
  public synchronized boolean requested() {
    return requested;
  }

  /**
   * Runs a wait that a request interrupts.
   *
   * @throws InterruptedException when leaving was asked for before or meanwhile
   */
  <T> T interruptible(Callable<T> wait) throws Exception {
    enter();
    try {
      return wait.call();
    } finally {
      exit();
    }
  }

  private synchronized void enter() throws InterruptedException {
    if (requested) {
      throw new InterruptedException("asked to leave");
    }
    waiting = Optional.of(Thread.currentThread());
  }

  private synchronized void exit() {
    waiting = Optional.empty();
    // A request that came just after the wait ended must not break the next read of a file.
    Thread.interrupted();
  }
}
