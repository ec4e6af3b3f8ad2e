package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.contract.Curve;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.progress.CurveSource;
import dev.megalodon.operator.progress.WorkerEndpoint;
import io.quarkus.arc.Unremovable;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Answers for workers that do not run. */
@ApplicationScoped
@Unremovable
class FakeCurves implements CurveSource {
  private final Map<String, Curve> curves = new ConcurrentHashMap<>();

  /** From now on the worker at this address tells this. */
  void tell(String address, Curve curve) {
    curves.put(address, curve);
  }

  /** From now on it does not answer. */
  void silence(String address) {
    curves.remove(address);
  }

  @Override
  public Optional<Curve> ask(JobId job, WorkerEndpoint worker, long since) {
    return Optional.ofNullable(curves.get(worker.address())).map(curve -> curve.since(since));
  }
}
