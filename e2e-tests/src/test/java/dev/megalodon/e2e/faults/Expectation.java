package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.TinyJob;

/**
 * What must come of a fault.
 *
 * @param outcome how training goes on
 * @param lostAtMost steps that may have to be made again
 * @param charge whether {@code status.restarts} counts it
 */
record Expectation(Outcome outcome, long lostAtMost, Charge charge) {

  /** How training goes on. */
  enum Outcome {
    /** As if nothing had happened: the same epoch. */
    UNNOTICED,
    /** In a newer epoch. */
    NEW_EPOCH,
    /** In the same epoch or a newer one. */
    EITHER,
    /** Not at all, and rightly so. */
    FAILED
  }

  /** Whether a fault counts towards {@code failurePolicy.maxRestarts}. */
  enum Charge {
    /** It does. */
    CHARGED,
    /** It does not. */
    UNCHARGED,
    /** Nothing is promised. */
    ANY
  }

  /** Nobody in the job notices. */
  static Expectation unnoticed() {
    return new Expectation(Outcome.UNNOTICED, 0, Charge.UNCHARGED);
  }

  /** Ranks are lost, others live and hold the state. */
  static Expectation survived(Charge charge) {
    return new Expectation(Outcome.NEW_EPOCH, 1, charge);
  }

  /** All leave on notice, having saved. */
  static Expectation handedOver() {
    return new Expectation(Outcome.NEW_EPOCH, 1, Charge.UNCHARGED);
  }

  /** No rank lives: a checkpoint is all that is left, and that many are not usable. */
  static Expectation reloaded(int damagedCheckpoints) {
    long lost = TinyJob.EVERY_STEPS * (1 + damagedCheckpoints);
    return new Expectation(Outcome.NEW_EPOCH, lost, Charge.CHARGED);
  }

  /** The job cannot go on. */
  static Expectation failed() {
    return new Expectation(Outcome.FAILED, 0, Charge.ANY);
  }

  /** The same, where the cluster may also have done nothing to the job. */
  Expectation orUnnoticed() {
    return new Expectation(Outcome.EITHER, lostAtMost, charge);
  }
}
