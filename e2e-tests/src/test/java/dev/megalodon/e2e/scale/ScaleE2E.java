package dev.megalodon.e2e.scale;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.Workspace;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Many jobs at once; {@code make scale JOBS=n} for more than the few here. Counts decide, and the
 * bound on memory; times are only told.
 */
@ExtendWith(WithCluster.class)
class ScaleE2E {
  private static final int JOBS = Integer.getInteger("scale.jobs", 20);
  private static final int WORKERS = 8;
  private static final int JOBS_PER_SECOND = Integer.getInteger("scale.perSecond", 10);
  private static final Duration LOOK = Duration.ofSeconds(Integer.getInteger("scale.seconds", 20));

  private final EmbeddedCluster cluster;

  ScaleE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
  }

  @Test
  void shouldWriteLittleForManyJobsAndNothingWhenNothingChanges() {
    try (Workspace workspace = Workspace.create(cluster, "scale")) {
      ScaleRun.Size size = new ScaleRun.Size(JOBS, WORKERS, JOBS_PER_SECOND, LOOK);
      ScaleReport report = new ScaleRun(cluster, workspace, size).run();
      System.out.println(report.table());
      report.write(cluster.result("scale.md"), cluster.result("scale.json"));
      assertTrue(report.writesPerJobBesidePods() < 10, "writes per job's start");
      assertEquals(0, report.resting().writesPerSecond(), "writes while nothing changes");
      assertTrue(report.training().memoryMiB() < 512, "memory");
    }
  }
}
