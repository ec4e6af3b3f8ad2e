package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.TrialVolume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Who may train into a folder, and what is said of one that nobody can. */
class CheckpointFolderIT {
  private static final long BOUND_SECONDS = 120;

  @TempDir Path folder;
  private Path volume;

  @BeforeEach
  void prepare() throws IOException {
    TrialFiles.writeText(folder.resolve("data"));
    volume = folder.resolve("volume");
  }

  @Test
  void shouldRefuseASecondRunOnOneFolderWhileTheFirstLives() throws Exception {
    try (WorkerJvm first = train("first")) {
      await(first, "step 9/");
      WorkerJvm second = train("second");
      assertEquals(ExitCode.BAD_SPEC.code(), second.await(), second.log());
      assertTrue(second.log().contains("another run on this machine trains into"), second.log());
      assertTrue(second.log().contains(jobFolder().toString()), second.log());
      assertTrue(first.runs(), first.log());
      first.kill();
      first.await();
    }
    try (WorkerJvm third = train("third")) {
      await(third, "going on from checkpoint");
      await(third, "tokens/s");
    }
  }

  @Test
  void shouldRefuseAnotherJobsFolder() throws Exception {
    Files.createDirectories(jobFolder());
    Files.writeString(jobFolder().resolve("job.json"), "{\"jobUid\":\"0123-another\"}");
    WorkerJvm worker = train("log");
    assertEquals(ExitCode.BAD_SPEC.code(), worker.await(), worker.log());
    assertTrue(
        worker
            .log()
            .contains(
                "the checkpoint folder %s belongs to job 0123-another, and this is job local"
                    .formatted(jobFolder())),
        worker.log());
  }

  @ParameterizedTest
  @EnumSource
  void shouldNameAVolumeThatCannotBeWrittenAtTheStart(TrialVolume.Trouble trouble)
      throws Exception {
    Optional<TrialVolume> mounted = TrialVolume.mount(volume);
    assumeTrue(mounted.isPresent(), "a volume in trouble needs a mount, and that needs root");
    try (TrialVolume troubled = mounted.get()) {
      trouble.begin(troubled);
      WorkerJvm worker = train("log");
      assertEquals(ExitCode.CHECKPOINT_FAILED.code(), worker.await(), worker.log());
      assertTrue(worker.log().contains("the checkpoint volume cannot be written to"), worker.log());
      assertTrue(worker.log().contains(volume.toString()), worker.log());
      assertTrue(worker.log().contains(trouble.reason()), worker.log());
    }
  }

  private Path jobFolder() {
    return volume.resolve("local/trial-local");
  }

  private static void await(WorkerJvm worker, String line) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    while (!worker.log().contains(line)) {
      assertTrue(worker.runs() && System.nanoTime() < end, () -> "no '%s'".formatted(line));
      Thread.sleep(50);
    }
  }

  private WorkerJvm train(String log) throws IOException {
    Path manifest = TrialFiles.writeManifest(folder, 1, 1_000_000);
    return WorkerJvm.start(
        folder.resolve(log),
        List.of(
            "train",
            "--config=" + manifest,
            "--data=text=" + folder.resolve("data/text"),
            "--checkpoints=" + volume));
  }
}
