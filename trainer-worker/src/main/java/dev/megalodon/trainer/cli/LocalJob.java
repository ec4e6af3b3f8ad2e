package dev.megalodon.trainer.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.v1alpha1.DataSpec;
import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.JobFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A job of a cluster, prepared for this machine: in a folder of its own what a pod would find
 * mounted.
 *
 * @param job the manifest
 * @param folder deleted when this is closed
 */
record LocalJob(JobFile job, Path folder) implements AutoCloseable {
  private static final int SECRET_BYTES = 32;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * Prepares a job.
   *
   * @param folders for a volume's name or its claim's, the folder that stands for it
   * @throws WorkerExit {@code BAD_SPEC} naming a volume that no folder stands for
   */
  static LocalJob prepare(JobFile job, Map<String, Path> folders) {
    try {
      LocalJob local = new LocalJob(job, Files.createTempDirectory("megalodon-"));
      local.write(folders);
      return local;
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT, "cannot prepare the job on this machine: " + e, e);
    }
  }

  private void write(Map<String, Path> folders) throws IOException {
    Files.write(spec(), JSON.writeValueAsBytes(specOfOneMachine()));
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    Files.write(secret(), secret);
    Files.createDirectories(data());
    for (DataSpec.Volume volume : job.spec().data().volumes()) {
      Files.createSymbolicLink(data().resolve(volume.name()), folder(volume, folders));
    }
  }

  private static Path folder(DataSpec.Volume volume, Map<String, Path> folders) throws IOException {
    Path found = folders.getOrDefault(volume.name(), folders.get(volume.claimName()));
    if (found == null) {
      throw new WorkerExit(
          ExitCode.BAD_SPEC,
          "no folder stands for the data volume '%s' (claim %s): give --data %s=DIR"
              .formatted(volume.name(), volume.claimName(), volume.name()));
    }
    if (!Files.isDirectory(found)) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT,
          "--data %s=%s: there is no such folder".formatted(volume.name(), found));
    }
    return found.toRealPath();
  }

  /** Ranks of one machine share its processors, unless the job says how many each takes. */
  private ObjectNode specOfOneMachine() {
    ObjectNode spec = job.json().deepCopy();
    if (job.spec().worker().threads() == null) {
      int share = Math.max(1, Runtime.getRuntime().availableProcessors() / ranks());
      ((ObjectNode) spec.get("worker")).put("threads", share);
    }
    return spec;
  }

  /** Processes that the job is made of. */
  int ranks() {
    return job.spec().parallelism().worldSize();
  }

  Path spec() {
    return folder.resolve("spec.json");
  }

  Path secret() {
    return folder.resolve("secret");
  }

  Path data() {
    return folder.resolve("data");
  }

  /** Where a rank leaves its last words. */
  Path lastWords(int rank) {
    return folder.resolve("last-words-" + rank);
  }

  /**
   * An incarnation that no checkpoint folder has, whole or not, so that what is written now is
   * newer than all of them.
   *
   * @param jobFolder the job's folder of checkpoints
   */
  static long nextIncarnation(Path jobFolder) {
    if (!Files.isDirectory(jobFolder)) {
      return 1;
    }
    try {
      List<CheckpointId> ids = new CheckpointStore(jobFolder, Duration.ZERO).all();
      return ids.stream().mapToLong(CheckpointId::incarnation).max().orElse(0) + 1;
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "cannot list the checkpoints in %s: %s".formatted(jobFolder, e),
          e);
    }
  }

  /** Deletes the folder; the second of two calls, whichever thread's it is, does nothing. */
  @Override
  public synchronized void close() {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) { // does not follow the links to data
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new WorkerExit(ExitCode.UNEXPECTED, "cannot delete %s: %s".formatted(folder, e), e);
    }
  }
}
