package dev.megalodon.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The system libraries that the JVM and the native parts of its libraries need. */
final class NativeLibraries {
  /**
   * Libraries that are loaded by name at run time, so that no file of the JDK tells of them, and
   * the Debian package of each. ND4J's and OpenBLAS's native code is C++ with OpenMP.
   */
  private static final NavigableMap<String, String> LOADED_BY_NAME =
      new TreeMap<>(
          Map.of(
              "libgcc_s.so.1", "libgcc-s1",
              "libgomp.so.1", "libgomp1",
              "libm.so.6", "libc6",
              "libpthread.so.0", "libc6",
              "librt.so.1", "libc6",
              "libdl.so.2", "libc6",
              "libstdc++.so.6", "libstdc++6",
              "libz.so.1", "zlib1g"));

  /** {@code libz.so.1 => /lib/x86_64-linux-gnu/libz.so.1 (0x…)}, or the loader's bare path. */
  private static final Pattern LDD_LINE = Pattern.compile("(?:=> )?(/\\S+) \\(0x[0-9a-f]+\\)");

  /** {@code libz.so.1 (libc6,x86-64) => /lib/x86_64-linux-gnu/libz.so.1}. */
  private static final Pattern CACHE_LINE = Pattern.compile("\\s*(\\S+) \\(.*\\) => (/\\S+)");

  private NativeLibraries() {}

  /**
   * Finds the libraries, and what they need themselves, on this machine.
   *
   * @param runtime the linked JDK whose native files are looked at
   * @return absolute paths by which the dynamic loader finds them; they are the same in the image
   * @throws ToolFailedException naming the Debian package of a library that is not here
   */
  static Set<Path> find(Path runtime) {
    Set<Path> found = new TreeSet<>();
    Deque<Path> open = new ArrayDeque<>(loadedByName());
    found.addAll(open);
    open.addAll(nativeFiles(runtime));
    while (!open.isEmpty()) {
      for (Path needed : neededBy(open.pop())) {
        if (!needed.startsWith(runtime) && found.add(needed)) {
          open.push(needed);
        }
      }
    }
    return found;
  }

  private static List<Path> loadedByName() {
    NavigableMap<String, Path> known = dynamicLoaderCache();
    LOADED_BY_NAME.forEach(
        (library, debianPackage) -> {
          if (!known.containsKey(library)) {
            throw new ToolFailedException(
                "The images need %s, which this machine does not have: apt-get install %s"
                    .formatted(library, debianPackage));
          }
        });
    return LOADED_BY_NAME.keySet().stream().map(known::get).toList();
  }

  private static NavigableMap<String, Path> dynamicLoaderCache() {
    NavigableMap<String, Path> libraries = new TreeMap<>();
    String program = Files.isExecutable(Path.of("/sbin/ldconfig")) ? "/sbin/ldconfig" : "ldconfig";
    Tool.run(List.of(program, "-p"))
        .lines()
        .map(CACHE_LINE::matcher)
        .filter(Matcher::matches)
        .forEach(line -> libraries.putIfAbsent(line.group(1), Path.of(line.group(2))));
    return libraries;
  }

  private static List<Path> nativeFiles(Path runtime) {
    try (Stream<Path> files = Files.walk(runtime)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> file.toString().endsWith(".so") || file.endsWith("bin/java"))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + runtime, e);
    }
  }

  private static List<Path> neededBy(Path binary) {
    return Tool.run(List.of("ldd", binary.toString()))
        .lines()
        .map(LDD_LINE::matcher)
        .filter(Matcher::find)
        .map(line -> Path.of(line.group(1)).normalize())
        .toList();
  }
}
