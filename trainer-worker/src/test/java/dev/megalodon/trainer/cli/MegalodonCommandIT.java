package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.golden.Fixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line from training to a generated text, and what it says of bad input. */
class MegalodonCommandIT {
  @TempDir Path folder;
  private Path data;
  private Path volume;
  private Path message;

  @BeforeEach
  void prepare() throws IOException {
    data = folder.resolve("data");
    volume = folder.resolve("volume");
    message = folder.resolve("message");
    TrialFiles.writeText(data);
  }

  @Test
  void shouldTrainThenShowEvaluateGenerateAndExport() throws Exception {
    Path spec = TrialFiles.writeSpec(folder, 1, ".");
    assertEquals(0, train(spec, "--job=trial").await());
    assertMessage("\"phase\":\"COMPLETE\"");
    assertMessage("\"checkpointStep\":60");
    String job = volume.resolve("local/trial-local").toString();

    String shown = CommandOutput.of("inspect", job, "--tensors", "--tensor=embed.weight");
    assertTrue(shown.contains("[["), "the embedding as rows: " + shown);
    assertTrue(shown.contains("step        60 of 60"), shown);
    assertTrue(shown.contains("layers.1.mega.cema.alpha"), shown);
    assertFalse(shown.contains("NOT FINITE"), shown);

    String evaluated =
        CommandOutput.of("eval", job, data.resolve("text/a.txt").toString(), "--threads=1");
    assertTrue(
        evaluated.matches("(?s).*6007 tokens, 6007 bytes, loss [0-4]\\.\\d{4} nats/token.*"),
        evaluated);

    String first =
        CommandOutput.of("generate", job, "--prompt=line 7", "--tokens=20", "--threads=1");
    assertTrue(first.startsWith("line 7"), first);
    assertEquals(
        first, CommandOutput.of("generate", job, "--prompt=line 7", "--tokens=20", "--threads=1"));

    Path exported = folder.resolve("model.safetensors");
    CommandOutput.of("export", job, exported.toString());
    try (SafetensorsFile file = SafetensorsFile.open(exported)) {
      assertTrue(file.contains("layers.0.mega.timenorm.weight"));
      assertTrue(file.contains("output.output.weight"));
    }
    assertEquals(
        first,
        CommandOutput.of(
            "generate", exported.toString(), "--prompt=line 7", "--tokens=20", "--threads=1"));
  }

  @Test
  void shouldSayWhichFileOfWhichCheckpointIsDamaged() throws Exception {
    assertEquals(0, train(TrialFiles.writeSpec(folder, 1, "."), "--job=trial").await());
    Path job = volume.resolve("local/trial-local");
    CheckpointStore store = new CheckpointStore(job, Duration.ZERO);
    Path newest = store.folder(store.committed().getFirst());
    Path parameters = newest.resolve("parameters.safetensors");
    byte[] bytes = Files.readAllBytes(parameters);
    bytes[bytes.length - 9] ^= 1;
    Files.write(parameters, bytes);
    for (Path damaged :
        List.of(parameters, newest.resolve("optimizer-00000-of-00001.safetensors"))) {
      String error = CommandOutput.error(ExitCode.CHECKPOINT_FAILED, "inspect", newest.toString());
      assertTrue(error.contains(damaged.toString()), error);
      Files.deleteIfExists(newest.resolve("optimizer-00000-of-00001.safetensors"));
    }
    Files.writeString(newest.resolve("manifest.json"), "{");
    String before = CommandOutput.of("inspect", job.toString());
    assertTrue(before.contains("step        50 of 60"), before);
  }

  @Test
  void shouldTrainFromAManifestWithARankForEachWorkerAndGoOn() throws Exception {
    Path manifest = TrialFiles.writeManifest(folder, 2, 12);
    assertEquals(0, trainManifest(manifest).await(), log());
    assertTrue(log().contains("[rank 0] "), log());
    assertTrue(log().contains("[rank 1] "), log());
    Path job = volume.resolve("local/trial-local");
    assertTrue(CommandOutput.of("inspect", job.toString()).contains("step        12 of 12"), log());
    String again = TrialFiles.writeManifest(folder, 2, 12).toString();
    assertEquals(0, trainManifest(Path.of(again)).await(), log());
    assertTrue(log().contains("going on from checkpoint"), log());
    String lineage = CommandOutput.of("inspect", job.toString());
    assertTrue(lineage.contains("goes back   to sha256:"), lineage);
  }

  @Test
  void shouldEndAllRanksOfAManifestOnNotice() throws Exception {
    WorkerJvm worker = trainManifest(TrialFiles.writeManifest(folder, 2, 1_000_000));
    while (worker.runs() && !log().contains("step 3/")) {
      Thread.sleep(50);
    }
    worker.terminate();
    assertEquals(ExitCode.LEFT_ON_NOTICE.code(), worker.await(), log());
    assertTrue(
        CommandOutput.of("inspect", volume.resolve("local/trial-local").toString())
            .contains("of 1000000"),
        log());
  }

  private WorkerJvm trainManifest(Path manifest) throws IOException {
    return WorkerJvm.start(
        folder.resolve("log"),
        List.of(
            "train",
            "--config=" + manifest,
            "--data=text=" + data.resolve("text"),
            "--checkpoints=" + volume));
  }

  private String log() throws IOException {
    return Files.readString(folder.resolve("log"));
  }

  @Test
  void shouldVerifyDevicesAgainstGoldenFiles() throws Exception {
    String golden = Fixture.path("").toString();
    for (String device : List.of("cpu", "reference")) {
      String text =
          CommandOutput.of("verify", "--golden", golden, "--device", device, "--threads=1");
      assertEquals(20, text.lines().filter(line -> line.startsWith("ok ")).count(), text);
    }
  }

  @Test
  void shouldSayWhichGoldenFileIsNotMet() throws Exception {
    Path golden = Files.createDirectories(folder.resolve("golden"));
    Path file = golden.resolve("model_wrong.safetensors");
    byte[] bytes = Files.readAllBytes(Fixture.path("model_plain.safetensors"));
    int header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt();
    // The first data are expected gradients and logits in double precision.
    Arrays.fill(bytes, 8 + header, 8 + header + 4_096, (byte) 0x40);
    Files.write(file, bytes);
    assertEquals(
        ExitCode.NUMERICS_MISMATCH.code(),
        MegalodonCommand.run("verify", "--golden", golden.toString(), "--threads=1"));
  }

  @Test
  void shouldNameTheDataPathThatIsNotThere() throws Exception {
    Path spec = TrialFiles.writeSpec(folder, 1, "no/such/folder");
    assertEquals(ExitCode.MISSING_INPUT.code(), train(spec).await());
    assertMessage(data.resolve("text/no/such/folder").toString());
  }

  @Test
  void shouldNameTheNumbersThatDoNotDivide() throws Exception {
    Path spec = TrialFiles.writeSpec(folder, 4, ".");
    Files.writeString(folder.resolve("secret"), "a secret of this test");
    WorkerJvm worker =
        train(spec, "--rank=0", "--world-size=4", "--secret=" + folder.resolve("secret"));
    assertEquals(ExitCode.BAD_SPEC.code(), worker.await());
    assertMessage("globalBatchSequences is 6, not a multiple of the 4 data-parallel ranks");
  }

  @Test
  void shouldNameTheSpecThatIsNotJson() throws Exception {
    Path spec = Files.writeString(folder.resolve("spec.json"), "{ no");
    assertEquals(ExitCode.BAD_SPEC.code(), train(spec).await());
    assertMessage(spec.toString());
  }

  @Test
  void shouldNameTheFileThatAFullDiskRefused() throws Exception {
    Files.createDirectories(volume);
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", volume.toString()) == 0,
        "a full disk needs a small file system of its own, and mounting one needs root");
    try {
      Path spec = TrialFiles.writeSpec(folder, 1, ".");
      WorkerJvm worker = train(spec, "--final-checkpoint-seconds=1");
      assertEquals(ExitCode.CHECKPOINT_FAILED.code(), worker.await(), worker.log());
      assertMessage(volume.toString());
      assertMessage("No space left on device");
    } finally {
      run("umount", volume.toString());
    }
  }

  @Test
  void shouldAnswerBadOptionsWithoutAStackTrace() {
    assertEquals(2, MegalodonCommand.run("train", "--no-such-option"));
    assertEquals(2, MegalodonCommand.run());
    assertEquals(
        ExitCode.MISSING_INPUT.code(),
        MegalodonCommand.run("inspect", folder.resolve("nothing").toString()));
  }

  private WorkerJvm train(Path spec, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "train",
                "--spec=" + spec,
                "--data=" + data,
                "--checkpoints=" + volume,
                "--termination-message=" + message,
                "--http-port=0"));
    arguments.addAll(List.of(more));
    if (arguments.stream().noneMatch(argument -> argument.startsWith("--rank"))) {
      arguments.add("--local");
    }
    return WorkerJvm.start(folder.resolve("log"), arguments);
  }

  private void assertMessage(String part) throws IOException {
    String text = Files.readString(message);
    assertTrue(text.contains(part), text);
    assertEquals(1, text.lines().count(), text);
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }
}
