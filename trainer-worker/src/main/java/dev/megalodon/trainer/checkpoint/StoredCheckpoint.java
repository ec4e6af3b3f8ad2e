package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A committed checkpoint.
 *
 * @param folder where it lies
 * @param manifest what it holds
 * @param digest SHA-256 of the manifest file, {@code sha256:…}
 */
public record StoredCheckpoint(Path folder, Manifest manifest, String digest) {

  /**
   * Reads the manifest and compares every file with it.
   *
   * @throws DamagedCheckpointException naming the file that is not what the manifest says
   * @throws NoSuchFileException when a file is not there
   */
  static StoredCheckpoint verify(Path folder) throws IOException {
    StoredCheckpoint checkpoint = readManifest(folder);
    for (FileDigest file : checkpoint.manifest.files()) {
      compare(folder.resolve(file.name()), file);
    }
    return checkpoint;
  }

  /**
   * Reads the manifest, and none of the other files.
   *
   * @throws DamagedCheckpointException when the manifest is not what its checksum says
   * @throws NoSuchFileException when there is none
   */
  public static StoredCheckpoint readManifest(Path folder) throws IOException {
    Path file = folder.resolve(CheckpointStore.MANIFEST);
    byte[] json = Files.readAllBytes(file);
    Path checksum = folder.resolve(CheckpointStore.MANIFEST_CHECKSUM);
    if (!Files.readString(checksum, StandardCharsets.ISO_8859_1).equals(checksumLine(json))) {
      throw new DamagedCheckpointException("%s does not match %s".formatted(file, checksum));
    }
    return new StoredCheckpoint(folder, ManifestJson.read(file, json), Sha256.prefixed(json));
  }

  /** What the manifest's checksum file holds. */
  static String checksumLine(byte[] manifest) {
    String hex = Sha256.prefixed(manifest).substring("sha256:".length());
    return "%s  %s\n".formatted(hex, CheckpointStore.MANIFEST);
  }

  /**
   * Whether the manifest is right and every file there and as long as it says: what can be told
   * without reading them.
   */
  static boolean looksWhole(Path folder) {
    try {
      for (FileDigest file : readManifest(folder).manifest.files()) {
        compareSize(folder.resolve(file.name()), file);
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void compareSize(Path path, FileDigest expected) throws IOException {
    long size = Files.size(path);
    if (size != expected.size()) {
      throw new DamagedCheckpointException(
          "%s has %d bytes instead of %d".formatted(path, size, expected.size()));
    }
  }

  private static void compare(Path path, FileDigest expected) throws IOException {
    compareSize(path, expected);
    String sha256 = Sha256.ofFile(path);
    if (!sha256.equals(expected.sha256())) {
      throw new DamagedCheckpointException(
          "%s has SHA-256 %s instead of %s".formatted(path, sha256, expected.sha256()));
    }
  }

  /** The file with whole parameters. */
  public Path parameters() {
    return folder.resolve(Manifest.PARAMETERS);
  }

  /** The files with what sequences carry; none where they carry nothing. */
  public List<Path> carriedStates() {
    return manifest.files().stream()
        .map(FileDigest::name)
        .filter(Manifest::isCarriedStates)
        .map(folder::resolve)
        .toList();
  }

  /** The files with slices of the optimizer's state, by rank. */
  public List<Path> optimizerShards() {
    int worldSize = manifest.worldSize();
    return IntStream.range(0, worldSize)
        .mapToObj(rank -> folder.resolve(Manifest.optimizerShard(rank, worldSize)))
        .toList();
  }
}
