package dev.megalodon.e2e.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A job that cannot work says so, and where. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadInputE2E {
  private final Workspace workspace;

  BadInputE2E(EmbeddedCluster cluster) {
    this.workspace = Workspace.create(cluster, "input");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  void shouldRefuseAnImpossibleJobWhenItIsApplied() {
    assertRefused(
        TinyJob.named("ranks").with(Setting.CHUNK_PARALLEL, 3),
        "spec.parallelism.chunkParallel",
        "chunkParallel must divide workers x ranksPerPod");
    assertRefused(
        TinyJob.named("length").with(Setting.SEQUENCE_LENGTH, 100),
        "spec.data.sequenceLength",
        "must be a multiple of the attention chunk");
    assertRefused(
        TinyJob.named("steps").with(Setting.STEPS, -1),
        "spec.training.steps",
        "should be greater than or equal to 1");
  }

  @Test
  void shouldFailNamingTheDataThatIsMissing() {
    workspace.apply(TinyJob.named("nodata").with(Setting.PATH, "not/there")).successful();
    Condition failed = workspace.awaitFailed("nodata");
    assertTrue(failed.message().contains("not/there"), failed.message());
    assertEquals(0, workspace.job("nodata").getStatus().restarts(), "nothing is tried again");
  }

  @Test
  void shouldFailNamingTheCheckpointThatIsCorrupt() throws IOException {
    workspace.apply(TinyJob.named("source").with(Setting.STEPS, 60)).successful();
    workspace.awaitComplete("source");
    Path good = workspace.newestCheckpoint("source");
    Path bad = workspace.checkpoints().resolve("damaged");
    copy(good, bad);
    damage(bad.resolve("parameters.safetensors"));

    workspace.apply(TinyJob.named("corrupt").with(Setting.RESUME_FROM, "damaged")).successful();
    Condition failed = workspace.awaitFailed("corrupt");
    assertTrue(failed.message().contains("damaged"), failed.message());
  }

  private void assertRefused(TinyJob job, String path, String sentence) {
    EmbeddedCluster.Answer answer = workspace.apply(job);
    assertNotEquals(0, answer.status(), answer.output());
    assertTrue(answer.output().contains(path), answer.output());
    assertTrue(answer.output().contains(sentence), answer.output());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (var files = Files.newDirectoryStream(from)) {
      for (Path file : files) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  /** Turns one bit in the middle. */
  private static void damage(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
  }
}
