package dev.megalodon.trainer.training;

import dev.megalodon.trainer.progress.Vitals;

/**
 * This process's place among the ranks of its job. One thread calls it, except where it says so.
 */
public interface Membership {
  /**
   * Leaves the session this process is in, if any, and waits until all ranks are in a new one.
   *
   * @param holding the state that this rank has to go on from, as text; empty for none
   * @throws InterruptedException when this process was told to stop waiting
   */
  Session join(String holding) throws InterruptedException;

  /** What is to be told of ranks at the moment of a question; any thread may ask. */
  Vitals vitals();

  /** Says that this rank's work is done and waits, for a bounded time, until every rank's is. */
  void finish() throws InterruptedException;

  /** Says that this process leaves on purpose. */
  void leave(String reason) throws InterruptedException;
}
