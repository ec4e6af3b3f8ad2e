package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;

/**
 * The training that every fault is tried on, and what it comes to when nobody disturbs it.
 *
 * @param steps how many it has
 * @param reference what an undisturbed run came to
 */
record Trial(long steps, Reference reference) {
  private static final String PACE = "pace";
  private static final String UNDISTURBED = "undisturbed";
  private static final String LONGER = "undisturbed-longer";
  private static final long PACE_STEPS = 200;
  private static final long FEWEST_STEPS = 8 * TinyJob.EVERY_STEPS;
  private static final long MOST_STEPS = 100 * TinyJob.EVERY_STEPS;

  /**
   * One that takes about this long on this machine, as busy as it is now: faults must find it
   * running. Trains it once.
   */
  static Trial lasting(Workspace workspace, Duration time) {
    Reference pace = train(workspace, PACE, PACE_STEPS);
    long fitting = time.dividedBy(pace.perStep());
    long steps = Math.clamp(roundedToCheckpoints(fitting), FEWEST_STEPS, MOST_STEPS);
    Reference reference = train(workspace, UNDISTURBED, steps);
    System.out.printf("undisturbed: %d steps, %d ms each%n", steps, reference.perStep().toMillis());
    return new Trial(steps, reference);
  }

  /** The same training, so many times as long; trains it once. */
  Trial longer(Workspace workspace, int factor) {
    long more = Math.min(steps * factor, MOST_STEPS);
    return new Trial(more, train(workspace, LONGER, more));
  }

  /** Another job of the same training. */
  TinyJob job(String name) {
    return job(name, steps);
  }

  private static Reference train(Workspace workspace, String name, long steps) {
    workspace.apply(job(name, steps)).successful();
    workspace.awaitComplete(name);
    return Reference.of(workspace, name);
  }

  private static long roundedToCheckpoints(long steps) {
    return steps / TinyJob.EVERY_STEPS * TinyJob.EVERY_STEPS;
  }

  private static TinyJob job(String name, long steps) {
    return TinyJob.named(name)
        .with(Setting.WORKERS, Scene.RANKS)
        .with(Setting.BATCH, 2 * Scene.RANKS)
        .with(Setting.STEPS, steps);
  }
}
