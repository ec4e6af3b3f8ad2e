package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.OperatorDeployment;
import java.util.Set;

/** {@code helm upgrade} replaces the operator while jobs run. */
record UpgradeOperator() implements Fault {
  @Override
  public String name() {
    return "helm upgrade of the operator";
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
    OperatorDeployment.upgrade(scene.cluster());
    return Injection.done();
  }
}
