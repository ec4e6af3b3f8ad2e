package dev.megalodon.trainer.training;

import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.CheckpointWriter;
import dev.megalodon.trainer.checkpoint.DurableFiles;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.parallel.Collectives;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Takes a checkpoint with all ranks. Every rank writes its files in the background; when all are
 * done, which the ranks find out together at the end of a step, rank 0 commits the manifest. All
 * ranks call the same methods after the same steps.
 */
final class Checkpointing implements AutoCloseable {
  private final CheckpointStore store;
  private final CheckpointWriter writer;
  private final Listener listener;
  private final int keepLast;
  private final List<String> resumePoint = new ArrayList<>();
  private Optional<InFlight> inFlight = Optional.empty();
  private Optional<String> parent = Optional.empty();
  private long newestStep;

  /** Hears what becomes of checkpoints. */
  interface Listener {
    /** This rank's files of one are written; whether it will count is not known yet. */
    void written(List<FileDigest> files);

    /** One is committed; on rank 0 only. */
    void committed(StoredCheckpoint checkpoint, long nanos);

    /** Rank 0 has committed one; on all other ranks. */
    void committedElsewhere();

    /**
     * One could not be written, or old ones not be deleted; on every rank.
     *
     * @param sentence names rank, step, file and reason, as far as this rank knows them
     */
    void failed(String sentence);
  }

  /**
   * A checkpoint that is being written.
   *
   * @param manifest without files
   * @param begun when, in nanoseconds
   */
  private record InFlight(CheckpointId id, Manifest manifest, long begun) {}

  /** How a checkpoint ends; rank 0 says so and tells the others by ordinal. */
  private enum Outcome {
    /** It counts. */
    COMMITTED,
    /** It never will: every rank deletes its files. */
    ABANDONED,
    /** Rank 0 cannot tell whether its manifest is on the volume: nothing is deleted. */
    UNCLEAR
  }

  Checkpointing(CheckpointStore store, CheckpointWriter writer, int keepLast, Listener listener) {
    this.store = store;
    this.writer = writer;
    this.keepLast = keepLast;
    this.listener = listener;
  }

  /** A new epoch: forgets what is being written, and keeps what the epoch goes on from. */
  void enter(Optional<StoredCheckpoint> from) {
    writer.discard();
    inFlight = Optional.empty();
    resumePoint.clear();
    parent = from.map(StoredCheckpoint::digest);
    newestStep = from.map(checkpoint -> checkpoint.manifest().step()).orElse(0L);
    from.ifPresent(
        checkpoint -> {
          resumePoint.add(checkpoint.digest());
          Optional.ofNullable(checkpoint.manifest().parent()).ifPresent(resumePoint::add);
        });
  }

  /**
   * A new epoch that goes on from living ranks: forgets what is being written; the lineage goes on.
   *
   * @param newest the newest checkpoint there is, for a rank 0 that was not there before
   */
  void enterLive(Optional<StoredCheckpoint> newest) {
    if (parent.isEmpty()) {
      enter(newest);
    } else {
      writer.discard();
      inFlight = Optional.empty();
    }
  }

  /** Digest of the manifest that the next checkpoint follows; known on rank 0. */
  Optional<String> parent() {
    return parent;
  }

  /** Step of the newest checkpoint that counts; known on rank 0, 0 elsewhere. */
  long newestStep() {
    return newestStep;
  }

  /**
   * Ends the checkpoint before, copies the state and begins to write it.
   *
   * @param manifest what to commit, without files; may ask for the {@link #parent}
   */
  void begin(Collectives collectives, Supplier<Manifest> manifest) {
    finish(collectives);
    Manifest manifestWithoutFiles = manifest.get();
    CheckpointId id = manifestWithoutFiles.id();
    writer.begin(id);
    inFlight = Optional.of(new InFlight(id, manifestWithoutFiles, System.nanoTime()));
  }

  /**
   * Commits what is being written, if all ranks are done with it.
   *
   * @return the step of a checkpoint that is now committed
   */
  Optional<Long> poll(Collectives collectives) {
    if (inFlight.isEmpty() || collectives.allReduceOr(!writer.isIdle())) {
      return Optional.empty();
    }
    return conclude(collectives);
  }

  /**
   * Waits for what is being written and commits it.
   *
   * @return the step of a checkpoint that is now committed; empty when there is none or it failed
   */
  Optional<Long> finish(Collectives collectives) {
    return inFlight.isEmpty() ? Optional.empty() : conclude(collectives);
  }

  private Optional<Long> conclude(Collectives collectives) {
    InFlight current = inFlight.orElseThrow();
    inFlight = Optional.empty();
    RankFiles own = written();
    List<RankFiles> all = DigestExchange.exchange(collectives, own);
    Optional<String> failure = failure(current, all);
    failure.ifPresent(listener::failed);
    Outcome outcome =
        failure.isPresent() ? Outcome.ABANDONED : committed(collectives, current, files(all));
    if (outcome == Outcome.ABANDONED && own instanceof RankFiles.Written written) {
      store.withdraw(current.id(), written.files());
    }
    return outcome == Outcome.COMMITTED ? Optional.of(current.id().step()) : Optional.empty();
  }

  private RankFiles written() {
    try {
      List<FileDigest> files = writer.finish();
      listener.written(files);
      return new RankFiles.Written(files);
    } catch (IOException e) {
      return new RankFiles.Failed(String.valueOf(e.getMessage()));
    }
  }

  private static List<FileDigest> files(List<RankFiles> all) {
    return all.stream()
        .flatMap(part -> part instanceof RankFiles.Written w ? w.files().stream() : Stream.of())
        .toList();
  }

  /** Which rank could not write and why; the first, if there are more. */
  private static Optional<String> failure(InFlight current, List<RankFiles> all) {
    for (int rank = 0; rank < all.size(); rank++) {
      if (all.get(rank) instanceof RankFiles.Failed failed) {
        return Optional.of(
            "rank %d could not write its files of the checkpoint at step %d: %s"
                .formatted(rank, current.id().step(), failed.reason()));
      }
    }
    return Optional.empty();
  }

  /** Rank 0 commits; all hear what came of it. */
  private Outcome committed(Collectives collectives, InFlight current, List<FileDigest> files) {
    boolean first = collectives.rank() == 0;
    double said = first ? commit(current, files).ordinal() : 0;
    Outcome outcome = Outcome.values()[(int) collectives.allReduceSum(said)];
    if (!first) {
      hear(current, outcome);
    }
    return outcome;
  }

  private void hear(InFlight current, Outcome outcome) {
    if (outcome == Outcome.COMMITTED) {
      listener.committedElsewhere();
    } else {
      listener.failed(
          "rank 0 could not commit the checkpoint at step %d and says why"
              .formatted(current.id().step()));
    }
  }

  private Outcome commit(InFlight current, List<FileDigest> files) {
    try {
      StoredCheckpoint checkpoint = store.commit(current.manifest().withFiles(files));
      parent = Optional.of(checkpoint.digest());
      newestStep = current.id().step();
      listener.committed(checkpoint, System.nanoTime() - current.begun());
      retain(current.id());
      return Outcome.COMMITTED;
    } catch (IOException e) {
      listener.failed(
          "rank 0 could not commit the checkpoint at step %d: %s"
              .formatted(current.id().step(), e.getMessage()));
      return store.isWithoutManifest(current.id()) ? Outcome.ABANDONED : Outcome.UNCLEAR;
    }
  }

  private void retain(CheckpointId newest) {
    try {
      store.retain(newest, keepLast, resumePoint);
    } catch (IOException e) {
      listener.failed(
          "old checkpoints cannot be deleted after step %d: %s"
              .formatted(newest.step(), DurableFiles.reason(e)));
    }
  }

  @Override
  public void close() {
    writer.close();
  }
}
