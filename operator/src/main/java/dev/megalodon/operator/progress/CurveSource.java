package dev.megalodon.operator.progress;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.operator.naming.JobId;
import java.util.Optional;

/** Asks one worker how the training went. */
@FunctionalInterface
public interface CurveSource {

  /**
   * What it tells of the steps after one (−1: of all); empty if no answer came in time or it makes
   * no sense. Never throws, never waits long.
   */
  Optional<Curve> ask(JobId job, WorkerEndpoint worker, long since);
}
