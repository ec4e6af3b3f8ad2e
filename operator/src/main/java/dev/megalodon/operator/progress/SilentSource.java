package dev.megalodon.operator.progress;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.operator.naming.JobId;
import java.util.Optional;

/** Asks nobody. */
public final class SilentSource implements WorkerSource {
  @Override
  public Optional<Progress> ask(JobId job, WorkerEndpoint worker) {
    return Optional.empty();
  }

  @Override
  public Optional<Curve> ask(JobId job, WorkerEndpoint worker, long since) {
    return Optional.empty();
  }
}
