package dev.megalodon.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One layer of an image: files and folders with the place they get in the image.
 *
 * @param name what the image's history calls it
 * @param entries its content, in the order it is written
 */
record Layer(String name, List<Entry> entries) {

  /**
   * One file or empty folder.
   *
   * @param source a regular file or a folder on this machine
   * @param target absolute path in the image
   * @param mode permissions, such as 0644
   */
  record Entry(Path source, String target, int mode) {}

  private static final int PLAIN_FILE = 0644;
  private static final int EXECUTABLE = 0755;

  Layer {
    entries = List.copyOf(entries);
  }

  /** Collects entries. */
  static final class Builder {
    private final String name;
    private final List<Entry> entries = new ArrayList<>();

    Builder(String name) {
      this.name = name;
    }

    /** Adds one file; it is executable in the image when it is so here. */
    Builder file(Path source, String target) {
      entries.add(new Entry(source, target, modeOf(source)));
      return this;
    }

    /** Adds an empty folder that everybody may write to. */
    Builder sharedFolder(Path emptyFolder, String target) {
      entries.add(new Entry(emptyFolder, target, 0777));
      return this;
    }

    /** Adds every file below a folder, in the order of their names. */
    Builder tree(Path folder, String target) {
      try (Stream<Path> files = Files.walk(folder)) {
        files
            .filter(Files::isRegularFile)
            .sorted()
            .forEach(file -> file(file, target + "/" + folder.relativize(file)));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot list " + folder, e);
      }
      return this;
    }

    Layer build() {
      return new Layer(name, entries);
    }

    private static int modeOf(Path source) {
      return Files.isExecutable(source) ? EXECUTABLE : PLAIN_FILE;
    }
  }
}
