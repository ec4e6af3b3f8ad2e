package dev.megalodon.e2e.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * {@code make soak}; system properties {@code soak.minutes} and {@code soak.seed}. A short one is
 * part of {@code make test}.
 */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SoakE2E {
  private static final Duration JOB = Duration.ofSeconds(30);

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  SoakE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "soak");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  void shouldSurviveRandomFaults() {
    Trial trial = Trial.lasting(workspace, JOB);
    Duration time = Duration.ofMinutes(Long.getLong("soak.minutes", 2));
    SoakReport report = new Soak(cluster, workspace, trial).run(time, Long.getLong("soak.seed", 1));
    System.out.println(report.summary());
    assertTrue(report.problems().isEmpty(), report::details);
  }
}
