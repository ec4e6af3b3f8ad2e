package dev.megalodon.trainer.progress;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.Progress;
import java.util.function.UnaryOperator;

/**
 * What this worker says of itself, always as a whole: the training thread changes it, HTTP threads
 * read it.
 */
public final class ProgressBoard {
  private Progress current;
  private volatile Vitals vitals = Vitals.UNKNOWN;
  private final TrainingCurve curve = new TrainingCurve();

  /** Before anything is known but who this is. */
  public ProgressBoard(String jobUid, int rank, long incarnation, long totalSteps) {
    current = Progress.starting(jobUid, rank, incarnation, totalSteps);
  }

  /** What there is to say now. */
  public synchronized Progress current() {
    return current;
  }

  /** From now on these are looked up for every answer. */
  public void observe(Vitals source) {
    vitals = source;
  }

  /** What is looked up for every answer. */
  Vitals vitals() {
    return vitals;
  }

  /** The answer to a question of this moment: what there is to say, and the vitals. */
  public Progress answer() {
    Vitals asked = vitals;
    return new ProgressEdit(current()).absent(asked.absent()).ranks(asked.ranks()).done();
  }

  /** How the training went so far, on rank 0. */
  public TrainingCurve curve() {
    return curve;
  }

  /** The answer to a question about that. */
  Curve toldCurve() {
    Progress own = current();
    return curve.told(own.jobUid(), own.rank(), own.incarnation());
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
