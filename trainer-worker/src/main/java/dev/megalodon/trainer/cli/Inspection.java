package dev.megalodon.trainer.cli;

import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.interchange.NamedTensor;
import dev.megalodon.trainer.interchange.TensorFile;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.training.ModelMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a model on disk, for people and as JSON.
 *
 * @param parametersFile the file of parameters
 * @param parameters numbers in it
 * @param bytes of the file
 * @param model its configuration, where the file has it
 * @param checkpoint the checkpoint that the file is part of, where it is
 * @param tensors every tensor, where that was asked for
 */
record Inspection(
    String parametersFile,
    long parameters,
    long bytes,
    @Nullable ModelConfig model,
    @Nullable Checkpoint checkpoint,
    List<TensorLine> tensors) {

  /**
   * A checkpoint whose files are what its manifest says.
   *
   * @param folder where it is
   * @param digest of its manifest
   * @param manifest what it says of itself
   * @param verifiedBytes of all its files, whose SHA-256 are right
   * @param lineage the checkpoints that it goes back to, the newest first
   */
  record Checkpoint(
      String folder,
      String digest,
      Manifest manifest,
      long verifiedBytes,
      List<Ancestor> lineage) {}

  /**
   * A checkpoint that another goes back to.
   *
   * @param digest of its manifest
   * @param step steps that were done; absent when it is not kept any more
   * @param folder where it is; absent when it is not kept any more
   */
  record Ancestor(String digest, @Nullable Long step, @Nullable String folder) {}

  /** A tensor in a few numbers. */
  record TensorLine(String name, String type, List<Long> dims, TensorStatistics statistics) {}

  /**
   * Looks at a model.
   *
   * @param withTensors whether to read every number
   */
  static Inspection of(ModelFile found, TensorFile file, boolean withTensors) throws IOException {
    List<TensorLine> tensors = new ArrayList<>();
    if (withTensors) {
      for (NamedTensor tensor : file.tensors()) {
        tensors.add(
            new TensorLine(
                tensor.name(),
                tensor.type().toString(),
                tensor.dims(),
                TensorStatistics.of(tensor)));
      }
    }
    Optional<StoredCheckpoint> stored = found.checkpoint();
    return new Inspection(
        found.parameters().toString(),
        file.tensors().stream().mapToLong(NamedTensor::elements).sum(),
        Files.size(found.parameters()),
        ModelMetadata.read(file.path(), file.metadata()).orElse(null),
        stored.isPresent() ? checkpoint(stored.get()) : null,
        List.copyOf(tensors));
  }

  private static Checkpoint checkpoint(StoredCheckpoint stored) throws IOException {
    Manifest manifest = stored.manifest();
    return new Checkpoint(
        stored.folder().toString(),
        stored.digest(),
        manifest,
        manifest.files().stream().mapToLong(FileDigest::size).sum(),
        lineage(stored));
  }

  /** Follows parents through the job's folder for as long as they are kept. */
  private static List<Ancestor> lineage(StoredCheckpoint newest) throws IOException {
    List<StoredCheckpoint> kept = siblings(newest.folder());
    List<Ancestor> lineage = new ArrayList<>();
    String parent = newest.manifest().parent();
    while (parent != null) {
      String digest = parent;
      Optional<StoredCheckpoint> found =
          kept.stream().filter(other -> other.digest().equals(digest)).findFirst();
      lineage.add(
          found
              .map(c -> new Ancestor(digest, c.manifest().step(), c.folder().toString()))
              .orElseGet(() -> new Ancestor(digest, null, null)));
      parent = found.isPresent() ? found.get().manifest().parent() : null;
    }
    return lineage;
  }

  private static List<StoredCheckpoint> siblings(Path folder) throws IOException {
    List<StoredCheckpoint> found = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder.toAbsolutePath().getParent())) {
      for (Path other : folders.filter(f -> Files.exists(f.resolve("manifest.json"))).toList()) {
        readable(other).ifPresent(found::add);
      }
    }
    return found;
  }

  /** A damaged neighbour says nothing about the checkpoint that is looked at. */
  private static Optional<StoredCheckpoint> readable(Path folder) {
    try {
      return Optional.of(StoredCheckpoint.readManifest(folder));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
