package dev.megalodon.e2e.behaviours;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.OperatorDeployment;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the API server itself refuses: the operator has no pod meanwhile. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AdmissionE2E {
  private static final String FIXED = "fixed";

  private final EmbeddedCluster cluster;
  private final Workspace workspace;

  AdmissionE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "refused");
  }

  @BeforeAll
  void stopTheOperator() {
    OperatorDeployment.stop(cluster);
    workspace.apply(BrokenJob.one(FIXED).with(Setting.SPEC, "managedBy: e2e/nobody")).successful();
  }

  @AfterAll
  void startTheOperator() {
    OperatorDeployment.start(cluster);
    workspace.close();
  }

  @ParameterizedTest
  @DisplayName("6: a bad name is refused, with the field path")
  @ValueSource(
      strings = {
        "Upper",
        "dot.ted",
        "-dash",
        "a-name-that-is-longer-than-the-names-of-the-pods-and-hosts-that-are-made-of-it"
      })
  void shouldRefuseABadName(String name) {
    assertRefused(workspace.apply(BrokenJob.one(name)), "metadata.name");
  }

  @ParameterizedTest
  @DisplayName("6: an edit of an immutable field is refused, with the field path")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          spec.model             | {"model": {"dimensions": {"layers": 3}}}
          spec.data              | {"data": {"sequenceLength": 256}}
          spec.training          | {"training": {"steps": 500}}
          spec.parallelism       | {"parallelism": {"chunkExchange": "wavefront"}}
          spec.checkpoint        | {"checkpoint": {"everySteps": 60}}
          spec.managedBy         | {"managedBy": null}
          spec.worker.device     | {"worker": {"device": "reference"}}
          spec.worker.threads    | {"worker": {"threads": 2}}
          spec.worker.gemm       | {"worker": {"gemm": "openblas"}}
          spec.worker.image      | {"worker": {"image": "other:1"}}
          spec.worker.resources  | {"worker": {"resources": {"limits": {"memory": "2Gi"}}}}
          spec.worker.template   | {"worker": {"template": {"spec": {"nodeSelector": {"a": "b"}}}}}
          spec.scheduling        | {"scheduling": {"priorityClassName": "high"}}
          """)
  void shouldRefuseAnEdit(String path, String edit) {
    assertRefused(workspace.patch(FIXED, "{\"spec\": %s}".formatted(edit)), path);
  }

  @Test
  @DisplayName("a job can be deleted while there is no operator")
  void shouldDeleteAJobWithoutAnOperator() {
    TinyJob job = BrokenJob.one("brief");
    workspace.apply(job).successful();
    workspace.kubectl("delete", "mtj", "brief", "--timeout=1m").successful();
    assertEquals(List.of(), workspace.remains("brief"));
  }

  private static void assertRefused(EmbeddedCluster.Answer answer, String path) {
    assertNotEquals(0, answer.status(), answer.output());
    assertTrue(answer.output().contains(path), answer.output());
  }
}
