package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A job's life as its folder sees it: claimed, three checkpoints by two ranks in two epochs, with
 * what an older crash has left and deletions in between. Always the same steps and bytes.
 */
final class CrashScript {
  static final String JOB_UID = "0123456789-uid";
  private static final int RANKS = 2;
  private static final int KEEP_LAST = 1;

  private final TrialCheckpoints trial;
  private final Path folder;
  private String committed = "";

  CrashScript(TrialCheckpoints trial, Path folder) {
    this.trial = trial;
    this.folder = folder;
  }

  /** In a process of its own: the folder, and the number of the step at which to halt. */
  public static void main(String[] arguments) throws IOException {
    int last = Integer.parseInt(arguments[1]);
    int[] count = new int[1];
    WriteSteps halting =
        (step, path) -> {
          if (count[0]++ == last) {
            Runtime.getRuntime().halt(137);
          }
        };
    try (TrialCheckpoints trial = new TrialCheckpoints(/* layers= */ 1)) {
      new CrashScript(trial, Path.of(arguments[0])).run(halting);
    }
  }

  /** All of it. */
  void run(WriteSteps steps) throws IOException {
    CheckpointStore store = open(steps);
    leaveARemnant();
    String resumePoint = save(store, new CheckpointId(1, 1, 10), List.of()).digest();
    save(store, new CheckpointId(2, 1, 20), List.of(resumePoint));
    save(store, new CheckpointId(2, 1, 30), List.of(resumePoint));
  }

  /** The newest checkpoint that was committed before it ended; empty before the first. */
  String committed() {
    return committed;
  }

  /** What the next epoch does, when nothing breaks: goes on from the newest and saves once. */
  Optional<StoredCheckpoint> goOn(List<String> reports) throws IOException {
    CheckpointStore store = open(WriteSteps.NONE);
    Optional<StoredCheckpoint> found = store.newestVerified(reports::add);
    long step = found.map(checkpoint -> checkpoint.manifest().step()).orElse(0L);
    List<String> keep = found.map(StoredCheckpoint::digest).stream().toList();
    save(store, new CheckpointId(9, 1, step + 10), keep);
    return found;
  }

  private CheckpointStore open(WriteSteps steps) {
    DurableFiles files = new DurableFiles(steps);
    new JobFolder(folder, Duration.ZERO, files).claim(JOB_UID);
    return new CheckpointStore(folder, Duration.ZERO, files);
  }

  private void leaveARemnant() throws IOException {
    Path remnant = folder.resolve(new CheckpointId(1, 0, 5).toString());
    Files.createDirectories(remnant);
    Files.writeString(remnant.resolve("." + Manifest.PARAMETERS + ".partial"), "half");
  }

  private StoredCheckpoint save(CheckpointStore store, CheckpointId id, List<String> keep)
      throws IOException {
    List<FileDigest> files = new ArrayList<>();
    for (int rank = 0; rank < RANKS; rank++) {
      files.addAll(writeRank(store, id, rank));
    }
    StoredCheckpoint saved = store.commit(TrialCheckpoints.manifest(id, RANKS, files));
    committed = id.toString();
    store.retain(id, KEEP_LAST, keep);
    return saved;
  }

  private List<FileDigest> writeRank(CheckpointStore store, CheckpointId id, int rank)
      throws IOException {
    try {
      return trial.writeRank(store, id, rank, RANKS);
    } catch (IOException e) {
      if (e.getCause() instanceof Crash crash) {
        throw crash; // it came from the thread that writes
      }
      throw e;
    }
  }

  /** Stands for the end of a process: nothing catches it. */
  static final class Crash extends Error {
    private static final long serialVersionUID = 1L;
  }
}
