package dev.megalodon.operator.metrics;

import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;

/** Whether this replica is the one that acts. */
public final class Leadership {
  private volatile boolean leads;

  /**
   * Shows it as a gauge.
   *
   * @param unopposed whether there is no election, so that this replica acts anyhow
   */
  public Leadership(MeterRegistry registry, boolean unopposed) {
    this.leads = unopposed;
    Gauge.builder("megalodon.leader", () -> leads ? 1 : 0)
        .description("1 if this replica acts, 0 if it stands by")
        .register(registry);
  }

  /**
   * What an election tells.
   *
   * @param onLost run when this replica may act no more
   */
  public LeaderCallbacks callbacks(Runnable onLost) {
    return new LeaderCallbacks(() -> leads = true, () -> lost(onLost), newLeader -> {});
  }

  private void lost(Runnable onLost) {
    leads = false;
    onLost.run();
  }

  @Override
  public String toString() {
    return leads ? "leader" : "stand-by";
  }
}
