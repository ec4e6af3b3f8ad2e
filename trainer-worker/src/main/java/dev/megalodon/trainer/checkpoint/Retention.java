package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Deletes checkpoints that are no longer needed, never the last good one: of those that stay at
 * least one looks whole, or else the newest older one that does stays too.
 *
 * <p>To look whole is to have a right manifest and files of its sizes: a few calls of the system,
 * which finds what is missing, torn or half deleted. Reading all bytes again would take minutes
 * after every checkpoint of a large model (85 GB with 7 billion parameters) to find only bits that
 * the disk has lost since: the newest one's digests were taken of the bytes as they were written,
 * and forced, moments ago.
 */
final class Retention {
  private final CheckpointStore store;
  private final DurableFiles files;

  Retention(CheckpointStore store, DurableFiles files) {
    this.store = store;
    this.files = files;
  }

  /** What becomes of the committed checkpoints, newest first. */
  private record Decision(List<CheckpointId> stay, List<CheckpointId> go) {}

  /** As {@link CheckpointStore#retain}. */
  void retain(CheckpointId newest, int keepLast, List<String> keep) throws IOException {
    if (isSuperseded(newest)) {
      return;
    }
    Decision decision = sparingAWholeOne(decide(newest, keepLast, keep));
    for (CheckpointId id : decision.go()) {
      delete(id);
    }
    sweep(newest);
  }

  /** As {@link CheckpointStore#sweep}. */
  void sweep(CheckpointId current) throws IOException {
    if (isSuperseded(current)) {
      return;
    }
    for (CheckpointId id : store.all()) {
      if (id.compareTo(current) < 0 && store.isWithoutManifest(id)) {
        delete(id);
      }
    }
  }

  private boolean isSuperseded(CheckpointId newest) throws IOException {
    return store.all().stream().anyMatch(newest::isOfOlderEpochThan);
  }

  private Decision decide(CheckpointId newest, int keepLast, List<String> keep) throws IOException {
    List<CheckpointId> stay = new ArrayList<>();
    List<CheckpointId> go = new ArrayList<>();
    for (CheckpointId id : store.committed()) {
      boolean needed =
          stay.size() < keepLast || id.compareTo(newest) > 0 || keep.contains(digest(id));
      (needed ? stay : go).add(id);
    }
    return new Decision(stay, go);
  }

  private Decision sparingAWholeOne(Decision decision) {
    if (decision.stay().stream().anyMatch(this::looksWhole)) {
      return decision;
    }
    List<CheckpointId> go = new ArrayList<>(decision.go());
    decision.go().stream().filter(this::looksWhole).findFirst().ifPresent(go::remove);
    return new Decision(decision.stay(), go);
  }

  private boolean looksWhole(CheckpointId id) {
    return StoredCheckpoint.looksWhole(store.folder(id));
  }

  private String digest(CheckpointId id) throws IOException {
    return Sha256.prefixed(Files.readAllBytes(manifest(id)));
  }

  private Path manifest(CheckpointId id) {
    return store.folder(id).resolve(CheckpointStore.MANIFEST);
  }

  private void delete(CheckpointId id) throws IOException {
    Path folder = store.folder(id);
    // The manifest first, for good: a folder half deleted must not look like a damaged checkpoint.
    files.delete(manifest(id));
    files.force(folder);
    for (Path file : content(folder)) {
      files.delete(file);
    }
    files.delete(folder);
  }

  private static List<Path> content(Path folder) throws IOException {
    try (Stream<Path> children = Files.list(folder)) {
      return children.sorted().toList();
    }
  }
}
