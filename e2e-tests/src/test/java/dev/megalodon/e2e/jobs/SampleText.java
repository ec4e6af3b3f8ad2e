package dev.megalodon.e2e.jobs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.ZipFile;

/** Real text that is on every machine with a JDK: some of its own sources. */
final class SampleText {
  private static final List<String> CLASSES =
      List.of("ArrayList", "HashMap", "TreeMap", "Collections", "Arrays", "Scanner");

  private SampleText() {}

  /** Writes the files into a folder, which it makes. */
  static void writeTo(Path folder) {
    Path sources = Path.of(System.getProperty("java.home"), "lib/src.zip");
    try (ZipFile zip = new ZipFile(sources.toFile())) {
      Files.createDirectories(folder);
      for (String name : CLASSES) {
        var entry = zip.getEntry("java.base/java/util/" + name + ".java");
        Files.write(folder.resolve(name + ".java"), zip.getInputStream(entry).readAllBytes());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the JDK's sources in " + sources, e);
    }
  }
}
