package dev.megalodon.trainer.data;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.checkpoint.Sha256;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The files of a corpus in their order, with their sizes. Nothing is read yet. */
public record CorpusFiles(List<Entry> entries) {

  /** One file that is not empty. */
  public record Entry(String name, Path path, long size) {}

  /**
   * Finds the regular files of every source: a file is itself, a folder is all regular files below
   * it, sorted by their path relative to it (symbolic links inside a folder are not followed).
   *
   * @throws WorkerExit {@code MISSING_INPUT} when a source is not there or cannot be read, {@code
   *     BAD_DATA} when there is not one byte in any of them
   */
  public static CorpusFiles scan(List<Path> sources) {
    List<Entry> entries = new ArrayList<>();
    for (Path source : sources) {
      entries.addAll(scan(source));
    }
    if (entries.isEmpty()) {
      throw new WorkerExit(
          ExitCode.BAD_DATA, "there is no text in %s: every file is empty".formatted(sources));
    }
    return new CorpusFiles(List.copyOf(entries));
  }

  /** Bytes of all files together. */
  public long size() {
    return entries.stream().mapToLong(Entry::size).sum();
  }

  /** SHA-256 over names and sizes: differs when files were added, removed, renamed or resized. */
  public String fingerprint() {
    String lines =
        entries.stream()
            .map(entry -> entry.name() + '\0' + entry.size() + '\n')
            .collect(Collectors.joining());
    return Sha256.prefixed(lines.getBytes(StandardCharsets.UTF_8));
  }

  private static List<Entry> scan(Path source) {
    try {
      return Files.isDirectory(source) ? folder(source.toRealPath()) : file(source);
    } catch (NoSuchFileException e) {
      throw missing(source, "is not there", e);
    } catch (IOException | UncheckedIOException e) {
      throw missing(source, "cannot be read (" + e.getMessage() + ")", e);
    }
  }

  private static List<Entry> file(Path path) throws IOException {
    long size = Files.size(path);
    if (!Files.isReadable(path)) {
      throw new IOException("no permission");
    }
    return size == 0 ? List.of() : List.of(new Entry(path.getFileName().toString(), path, size));
  }

  private static List<Entry> folder(Path folder) throws IOException {
    try (Stream<Path> walk = Files.walk(folder)) {
      List<Path> files =
          walk.filter(path -> Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)).toList();
      List<Entry> entries = new ArrayList<>();
      for (Path path : files) {
        String name = folder.relativize(path).toString();
        long size = Files.size(path);
        if (size > 0) {
          entries.add(new Entry(name, path, size));
        }
      }
      entries.sort((a, b) -> a.name().compareTo(b.name()));
      return entries;
    }
  }

  private static WorkerExit missing(Path source, String what, Exception cause) {
    return new WorkerExit(
        ExitCode.MISSING_INPUT,
        "the data path %s %s: check spec.data.sources and the volume's content"
            .formatted(source, what),
        cause);
  }
}
