package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.Progress;
import java.util.function.UnaryOperator;

/**
 * What this worker says of itself, always as a whole: the training thread changes it, HTTP threads
 * read it.
 */
public final class ProgressBoard {
  private Progress current;

  /** Before anything is known but who this is. */
  public ProgressBoard(String jobUid, int rank, long incarnation, long totalSteps) {
    current = Progress.starting(jobUid, rank, incarnation, totalSteps);
  }

  /** What there is to say now. */
  public synchronized Progress current() {
    return current;
  }

  /** Replaces what is said. */
  public synchronized void update(UnaryOperator<ProgressEdit> change) {
    current = change.apply(new ProgressEdit(current)).done();
  }

  /** Says what this worker does, and one line about it. */
  public void phase(Progress.Phase phase, String message) {
    update(edit -> edit.phase(phase).message(message));
  }
}
