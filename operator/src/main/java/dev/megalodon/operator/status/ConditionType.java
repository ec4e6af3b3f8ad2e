package dev.megalodon.operator.status;

/** Types of a job's conditions. */
public enum ConditionType {
  /** No worker runs because {@code spec.suspend} says so. */
  SUSPENDED("Suspended"),
  /** Every worker pod is ready. */
  PODS_READY("PodsReady"),
  /** Steps are being made. */
  RUNNING("Running"),
  /** A worker was lost and training has not gone on yet. */
  RESTARTING("Restarting"),
  /** The number of workers is being changed; training goes on until the new ones are ready. */
  RESIZING("Resizing"),
  /** A worker lives and keeps the others waiting; it is being replaced. */
  STALLED("Stalled"),
  /** The newest checkpoint could not be written; training goes on. */
  CHECKPOINT_FAILING("CheckpointFailing"),
  /** All is done. Final. */
  COMPLETE("Complete"),
  /** The job gave up. Final. */
  FAILED("Failed");

  private final String label;

  ConditionType(String label) {
    this.label = label;
  }

  /** The type as it stands in the status. */
  public String label() {
    return label;
  }
}
