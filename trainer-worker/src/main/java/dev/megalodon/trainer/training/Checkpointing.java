package dev.megalodon.trainer.training;

import dev.megalodon.trainer.checkpoint.CheckpointId;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.CheckpointWriter;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.parallel.Collectives;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
    /** One is committed; on rank 0 only. */
    void committed(StoredCheckpoint checkpoint, long nanos);

    /** One could not be written; on the ranks that know why. */
    void failed(long step, String reason);
  }

  /**
   * A checkpoint that is being written.
   *
   * @param manifest without files
   * @param begun when, in nanoseconds
   */
  private record InFlight(CheckpointId id, Manifest manifest, long begun) {}

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
    Optional<List<FileDigest>> files = DigestExchange.exchange(collectives, written(current));
    boolean committed =
        files.isPresent() && collectives.rank() == 0 && commit(current, files.get());
    return collectives.allReduceOr(committed) ? Optional.of(current.id().step()) : Optional.empty();
  }

  /** This rank's files; empty when they could not be written. */
  private Optional<List<FileDigest>> written(InFlight current) {
    try {
      return Optional.of(writer.finish());
    } catch (IOException e) {
      listener.failed(current.id().step(), String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  private boolean commit(InFlight current, List<FileDigest> files) {
    try {
      StoredCheckpoint checkpoint = store.commit(current.manifest().withFiles(files));
      parent = Optional.of(checkpoint.digest());
      newestStep = current.id().step();
      listener.committed(checkpoint, System.nanoTime() - current.begun());
      retain(current.id());
      return true;
    } catch (IOException e) {
      listener.failed(current.id().step(), String.valueOf(e.getMessage()));
      return false;
    }
  }

  private void retain(CheckpointId newest) {
    try {
      store.retain(newest, keepLast, resumePoint);
    } catch (IOException e) {
      listener.failed(newest.step(), "old checkpoints cannot be deleted: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    writer.close();
  }
}
