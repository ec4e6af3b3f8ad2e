package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.Workspace;
import java.util.Set;

/**
 * Something that happens to a running job, and what must come of it. One object may hurt many jobs:
 * what it has to remember is in the {@link Injection}.
 */
interface Fault {
  /** What a person calls it; unique in a suite. */
  String name();

  /** What must come of it. */
  Expectation expectation();

  /** Ranks whose pods it ends, or may end; all other pods must live on. */
  Set<Integer> victims(Scene scene);

  /** Makes it happen; when this returns it has begun. */
  Injection inject(Scene scene);

  /** How long it lasts. */
  default Hold hold() {
    return Hold.NONE;
  }

  /** Whether it has lasted long enough to be felt; it is not ended before, within a bound. */
  default boolean isFelt(Watch watch) {
    return true;
  }

  /** Whether it may hurt other jobs too, so that none may run beside it. */
  default boolean isAlone() {
    return false;
  }

  /** What is particular about the job that it hurts. */
  default TinyJob prepare(TinyJob job, Workspace workspace) {
    return job;
  }
}
