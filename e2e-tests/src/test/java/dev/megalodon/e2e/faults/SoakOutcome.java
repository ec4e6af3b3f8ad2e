package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.StepRecords;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What came of a job of a soak.
 *
 * @param job its name
 * @param useful time that its steps, each counted once, take when nothing hits it
 * @param whole time from its first step to its last
 * @param madeAgain steps that were made again
 * @param problems what is not as it must be; empty if it is complete and equal to the uninterrupted
 *     run
 */
record SoakOutcome(
    String job, Duration useful, Duration whole, long madeAgain, List<String> problems) {

  static SoakOutcome of(Workspace workspace, String job, Reference reference) {
    StepRecords steps = workspace.steps(job);
    List<Instant> times = steps.times();
    List<String> problems =
        workspace
            .condition(job, "Failed")
            .map(failed -> List.of(failed.reason() + ": " + failed.message()))
            .orElseGet(() -> reference.differences(workspace, job, false));
    Duration useful = steps.usualStep().multipliedBy(steps.bits().size() - 1L);
    Duration whole = Duration.between(times.getFirst(), times.getLast());
    return new SoakOutcome(job, useful, whole, steps.madeAgain(), problems);
  }

  static SoakOutcome stuck(String what) {
    return new SoakOutcome("?", Duration.ZERO, Duration.ZERO, 0, List.of(what));
  }
}
