package dev.megalodon.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The small JDK inside the images, linked from the one that runs this code. */
final class JavaRuntime {
  /** Where it is in the images. */
  static final String HOME_IN_IMAGE = "/opt/java";

  /**
   * Everything the operator and the trainer load, reflection included (so a list, not {@code
   * jdeps}); {@code jdk.jcmd} is for people who look into a running pod.
   */
  private static final List<String> MODULES =
      List.of(
          "java.base",
          "java.instrument",
          "java.logging",
          "java.management",
          "java.naming",
          "java.net.http",
          "java.security.jgss",
          "java.security.sasl",
          "java.sql",
          "java.xml",
          "jdk.crypto.ec",
          "jdk.httpserver",
          "jdk.incubator.vector",
          "jdk.jartool",
          "jdk.jcmd",
          "jdk.jfr",
          "jdk.management",
          "jdk.net",
          "jdk.unsupported",
          "jdk.zipfs");

  private JavaRuntime() {}

  /**
   * Links the JDK into a folder, unless the folder already holds the same one.
   *
   * @param javaHome the JDK to link from
   * @param folder where the linked JDK goes
   * @return the folder
   */
  static Path link(Path javaHome, Path folder) {
    Path stamp = folder.resolveSibling(folder.getFileName() + ".stamp");
    try {
      String wanted = Files.readString(javaHome.resolve("release")) + MODULES;
      if (Files.exists(stamp) && Files.readString(stamp).equals(wanted)) {
        return folder;
      }
      deleteTree(folder);
      Files.createDirectories(folder.getParent());
      Tool.run(jlink(javaHome, folder));
      deleteTree(folder.resolve("legal"));
      Files.writeString(stamp, wanted);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot link a JDK into " + folder, e);
    }
  }

  private static List<String> jlink(Path javaHome, Path folder) {
    List<String> command = new ArrayList<>();
    command.add(javaHome.resolve("bin/jlink").toString());
    command.addAll(List.of("--add-modules", String.join(",", MODULES)));
    command.addAll(List.of("--strip-debug", "--no-header-files", "--no-man-pages"));
    command.addAll(List.of("--output", folder.toString()));
    return command;
  }

  private static void deleteTree(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
