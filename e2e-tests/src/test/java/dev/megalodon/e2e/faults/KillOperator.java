package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.PodProcess;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.Set;

/** The operator dies, and its pod with it, so that it is gone until another pod has started. */
record KillOperator() implements Fault {
  @Override
  public String name() {
    return "operator killed";
  }

  @Override
  public Expectation expectation() {
    return Expectation.unnoticed();
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Set.of();
  }

  @Override
  public boolean isAlone() {
    return true;
  }

  @Override
  public Injection inject(Scene scene) {
    Pod operator = scene.operator();
    PodProcess.of(operator).kill();
    scene.cluster().client().resource(operator).withGracePeriod(0).delete();
    return Injection.endedBy(() -> OperatorDeployment.awaitReady(scene.cluster()));
  }
}
