package dev.megalodon.trainer.cli;

import dev.megalodon.trainer.checkpoint.JobFolder;
import dev.megalodon.trainer.job.TrainingPlan;
import dev.megalodon.trainer.job.WorkerIdentity;
import java.time.Duration;
import java.util.Optional;

/**
 * A rank's claim on the job's folder, for the life of its process: rank 0 makes sure that no other
 * job has it, and on a machine by hand also that no other run is in it. In a cluster there is no
 * lock: a rank 0 that is cut off or frozen must not stand in its replacement's way.
 */
record HeldFolder(Optional<LocalRunLock> lock) implements AutoCloseable {

  /** Claims the folder, if this is rank 0. */
  static HeldFolder of(
      WorkerIdentity own, TrainingPlan.Checkpoints checkpoints, Duration patience) {
    if (own.rank() != 0) {
      return new HeldFolder(Optional.empty());
    }
    new JobFolder(checkpoints.jobFolder(), patience).claim(own.jobUid());
    return new HeldFolder(
        own.isLocal() ? Optional.of(LocalRunLock.take(checkpoints.jobFolder())) : Optional.empty());
  }

  @Override
  public void close() {
    lock.ifPresent(LocalRunLock::close);
  }
}
