package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.jobs.StepRecords;
import dev.megalodon.e2e.jobs.Workspace;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;

/**
 * A training that nobody disturbed.
 *
 * @param bits loss and gradient norm of each step, exactly
 * @param digest SHA-256 of the parameters after the last
 * @param perStep usual time of a step
 */
record Reference(SortedMap<Long, String> bits, String digest, Duration perStep) {

  /** What a job that is complete came to. */
  static Reference of(Workspace workspace, String job) {
    StepRecords steps = workspace.steps(job);
    return new Reference(steps.bits(), sha256(workspace.finalParameters(job)), steps.usualStep());
  }

  /** Steps of the whole training. */
  long steps() {
    return bits.size();
  }

  /** What differs in a job that is complete; empty if nothing does. */
  List<String> differences(Workspace workspace, String job, boolean mayMissLines) {
    List<String> found = new ArrayList<>(differences(workspace.steps(job)));
    long missing = steps() - workspace.steps(job).bits().size();
    if (missing != 0 && !mayMissLines) {
      found.add("%d of %d steps are not in its log".formatted(missing, steps()));
    }
    if (!sha256(workspace.finalParameters(job)).equals(digest)) {
      found.add("its final parameters differ from the uninterrupted run's");
    }
    return found;
  }

  /** What differs in the steps that a job made. */
  List<String> differences(StepRecords made) {
    return made.bits().entrySet().stream()
        .filter(step -> !step.getValue().equals(bits.get(step.getKey())))
        .findFirst()
        .map(
            step ->
                "step %d has %s, uninterrupted %s"
                    .formatted(step.getKey(), step.getValue(), bits.get(step.getKey())))
        .stream()
        .toList();
  }

  private static String sha256(byte[] content) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }
}
