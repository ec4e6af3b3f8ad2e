package dev.megalodon.operator.progress;

import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import java.util.Optional;

/** Asks one worker how far it is. */
@FunctionalInterface
public interface ProgressSource {

  /**
   * Its answer; empty if none came in time or it makes no sense. Never throws, never waits long.
   */
  Optional<Progress> ask(JobId job, WorkerEndpoint worker);
}
