package dev.megalodon.trainer.recovery;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.job.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides, on rank 0, what an epoch goes on from: the state that living ranks hold, if it is whole;
 * else the job's own newest checkpoint that is; else what the job says to start from; else the
 * beginning.
 */
public final class ResumePlanner {
  private static final Logger LOG = LoggerFactory.getLogger(ResumePlanner.class);

  private final TrainingPlan.Checkpoints checkpoints;
  private final CheckpointStore own;
  private final Duration patience;

  /**
   * A planner for a job.
   *
   * @param patience how long a file that is missing or wrong is looked at again
   */
  public ResumePlanner(TrainingPlan.Checkpoints checkpoints, Duration patience) {
    this.checkpoints = checkpoints;
    this.own = new CheckpointStore(checkpoints.jobFolder(), patience);
    this.patience = patience;
  }

  /**
   * Decides; looks at the volume only if living ranks do not hold a whole state.
   *
   * @param holdings what each rank holds, as {@link Holding#encoded} wrote it; ranks that hold
   *     nothing are absent
   * @throws WorkerExit {@code CHECKPOINT_FAILED} when there are checkpoints and all are damaged,
   *     {@code MISSING_INPUT} when the one to start from is not there
   */
  public ResumePoint decide(int worldSize, Map<Integer, String> holdings) {
    Map<Integer, Holding> decoded = new TreeMap<>();
    holdings.forEach((rank, text) -> decoded.put(rank, Holding.decode(text)));
    return LiveChoice.of(worldSize, decoded)
        .<ResumePoint>map(live -> live)
        .orElseGet(this::fromVolume);
  }

  private ResumePoint fromVolume() {
    return own.newestVerified(LOG::warn)
        .or(() -> checkpoints.resumeFrom().map(this::elsewhere))
        .map(checkpoint -> ResumePoint.at(checkpoint, checkpoints.volume()))
        .orElseGet(ResumePoint.Beginning::new);
  }

  private StoredCheckpoint elsewhere(TrainingPlan.ResumeFrom from) {
    return switch (from) {
      case TrainingPlan.ResumeFrom.Folder folder -> open(folder.folder());
      case TrainingPlan.ResumeFrom.Job job -> newestOf(job);
    };
  }

  private StoredCheckpoint open(Path folder) {
    if (!Files.isDirectory(folder)) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT,
          "the checkpoint %s is not there: check spec.checkpoint.resumeFrom".formatted(folder));
    }
    try {
      return own.open(folder);
    } catch (IOException e) {
      throw new WorkerExit(
          ExitCode.CHECKPOINT_FAILED,
          "the checkpoint %s cannot be used: %s".formatted(folder, e),
          e);
    }
  }

  private StoredCheckpoint newestOf(TrainingPlan.ResumeFrom.Job job) {
    Comparator<StoredCheckpoint> byTime =
        Comparator.comparing(checkpoint -> checkpoint.manifest().createdAt());
    Optional<StoredCheckpoint> newest =
        foldersOf(job).stream()
            .flatMap(
                folder -> new CheckpointStore(folder, patience).newestVerified(LOG::warn).stream())
            .max(byTime);
    return newest.orElseThrow(
        () ->
            new WorkerExit(
                ExitCode.MISSING_INPUT,
                "job %s has no checkpoint in %s: check spec.checkpoint.resumeFrom"
                    .formatted(job.name(), job.namespaceFolder())));
  }

  private List<Path> foldersOf(TrainingPlan.ResumeFrom.Job job) {
    Pattern name = Pattern.compile(Pattern.quote(job.name()) + "-[^-]{1,8}");
    try (Stream<Path> folders = Files.list(job.namespaceFolder())) {
      return folders
          .filter(folder -> name.matcher(folder.getFileName().toString()).matches())
          .filter(folder -> !folder.equals(checkpoints.jobFolder()))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }
}
