package dev.megalodon.trainer.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Crashes after the n-th change of a volume and knows what the disk need not have: content that was
 * not forced, names whose folder was not.
 */
final class CrashAt implements WriteSteps {
  private final int last;
  private final List<Point> points = new ArrayList<>();
  private final Set<Path> contentNotForced = new LinkedHashSet<>();
  private final Set<Path> namesNotForced = new LinkedHashSet<>();

  /** A change that was made. */
  record Point(Step step, Path path) {}

  CrashAt(int last) {
    this.last = last;
  }

  /** One that only counts. */
  static CrashAt never() {
    return new CrashAt(Integer.MAX_VALUE);
  }

  /** What was done, in order; the last one is where it crashed. */
  synchronized List<Point> points() {
    return List.copyOf(points);
  }

  @Override
  public synchronized void done(Step step, Path path) {
    if (points.size() > last) {
      throw new IllegalStateException("something tidies up after the crash: " + step + path);
    }
    points.add(new Point(step, path));
    note(step, path);
    if (points.size() > last) {
      throw new CrashScript.Crash();
    }
  }

  private void note(Step step, Path path) {
    switch (step) {
      case FOLDER_MADE -> namesNotForced.add(path);
      case OPENED -> {
        contentNotForced.add(path);
        namesNotForced.add(path);
      }
      case FORCED -> contentNotForced.remove(path);
      case RENAMED -> renamed(path.resolveSibling("." + path.getFileName() + ".partial"), path);
      case FOLDER_FORCED -> namesNotForced.removeIf(name -> path.equals(name.getParent()));
      case DELETED -> {
        contentNotForced.remove(path);
        namesNotForced.remove(path);
      }
      case CHUNK_WRITTEN, CLOSED -> {}
    }
  }

  private void renamed(Path from, Path to) {
    namesNotForced.remove(from);
    namesNotForced.add(to);
    if (contentNotForced.remove(from)) {
      contentNotForced.add(to);
    }
  }

  /** The machine lost its power: what was not forced is gone, of content the second half. */
  synchronized void losePower(Path root) throws IOException {
    for (Path file : contentNotForced) {
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
        channel.truncate(channel.size() / 2);
      }
    }
    for (Path name : namesNotForced) {
      if (!name.equals(root)) {
        deleteTree(name);
      }
    }
  }

  private static void deleteTree(Path path) throws IOException {
    if (Files.notExists(path)) {
      return;
    }
    try (Stream<Path> files = Files.walk(path)) {
      files.toList().reversed().forEach(CrashAt::delete);
    }
  }

  private static void delete(Path path) {
    try {
      Files.delete(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
