package dev.megalodon.e2e.images;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What the product's two images hold, from the modules' build output. */
final class ImageDefinitions {
  /** Who the processes in the images are; the chart and the worker pods ask for the same. */
  private static final String USER = "10001:10001";

  private static final String HOME = "/opt/megalodon";
  private static final String TRAINER_MAIN = "dev.megalodon.trainer.cli.MegalodonCommand";

  /** Makes the C library, and so the JVM, read file names as UTF-8. */
  private static final Path UTF_8_LOCALE = Path.of("/usr/lib/locale/C.utf8");

  /**
   * Flags of both JVMs. A rank that comes back has another address, so DNS answers are kept for one
   * second only and failures not at all.
   */
  private static final List<String> COMMON_FLAGS =
      List.of(
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:-UsePerfData",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Dstdout.encoding=UTF-8",
          "-Dstderr.encoding=UTF-8",
          "-Dsun.net.inetaddr.ttl=1",
          "-Dsun.net.inetaddr.negative.ttl=0");

  private static final List<String> OPERATOR_FLAGS =
      List.of(
          "-XX:MaxRAMPercentage=55",
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Djava.util.logging.manager=org.jboss.logmanager.LogManager");

  /** The heap gets the smaller part of the memory: tensors live outside it. */
  private static final List<String> TRAINER_FLAGS =
      List.of(
          "-XX:MaxRAMPercentage=30",
          "-XX:+UseParallelGC",
          "--add-modules=jdk.incubator.vector",
          "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED");

  private final Path repository;
  private final Path workFolder;
  private final Layer base;

  /**
   * Prepares the layer that both images share.
   *
   * @param repository root of the working tree, whose modules are built
   * @param workFolder where generated files go
   * @param runtime the linked JDK
   */
  ImageDefinitions(Path repository, Path workFolder, Path runtime) {
    this.repository = repository;
    this.workFolder = workFolder;
    this.base = base(runtime);
  }

  /** The operator, from {@code operator/target/quarkus-app}. */
  ImageDefinition operator() {
    Path application = built(repository.resolve("operator/target/quarkus-app"), "operator");
    Layer dependencies =
        new Layer.Builder("dependencies").tree(application.resolve("lib"), HOME + "/lib").build();
    Layer.Builder own = new Layer.Builder("operator");
    for (String part : List.of("app", "quarkus")) {
      own.tree(application.resolve(part), HOME + "/" + part);
    }
    own.file(application.resolve("quarkus-run.jar"), HOME + "/quarkus-run.jar");
    List<String> arguments = new ArrayList<>(COMMON_FLAGS);
    arguments.addAll(OPERATOR_FLAGS);
    arguments.addAll(List.of("-jar", HOME + "/quarkus-run.jar"));
    return image("megalodon/operator", dependencies, own, arguments);
  }

  /** The trainer, from {@code trainer-worker/target}: its jar and {@code lib}. */
  ImageDefinition trainer() {
    Path target = repository.resolve("trainer-worker/target");
    Path libraries = built(target.resolve("lib"), "trainer-worker");
    Layer.Builder dependencies = new Layer.Builder("dependencies");
    Layer.Builder own = new Layer.Builder("trainer");
    List<String> classPath = new ArrayList<>();
    own.file(onlyJar(target), HOME + "/trainer.jar");
    classPath.add(HOME + "/trainer.jar");
    for (Path jar : jars(libraries)) {
      String place = HOME + "/lib/" + jar.getFileName();
      boolean changesOften = jar.getFileName().toString().startsWith("megalodon-");
      (changesOften ? own : dependencies).file(jar, place);
      classPath.add(place);
    }
    List<String> arguments = new ArrayList<>(COMMON_FLAGS);
    arguments.addAll(TRAINER_FLAGS);
    arguments.addAll(List.of("-cp", String.join(":", classPath), TRAINER_MAIN));
    return image("megalodon/trainer", dependencies.build(), own, arguments);
  }

  private ImageDefinition image(
      String name, Layer dependencies, Layer.Builder own, List<String> javaArguments) {
    String argumentFile = HOME + "/" + name.substring(name.lastIndexOf('/') + 1) + ".args";
    own.file(write(argumentFile, String.join("\n", javaArguments) + "\n"), argumentFile);
    return new ImageDefinition(
        name,
        List.of(base, dependencies, own.build()),
        List.of(JavaRuntime.HOME_IN_IMAGE + "/bin/java", "@" + argumentFile),
        Map.of(
            "PATH",
            JavaRuntime.HOME_IN_IMAGE + "/bin",
            "JAVA_HOME",
            JavaRuntime.HOME_IN_IMAGE,
            "LANG",
            "C.UTF-8"),
        USER);
  }

  private Layer base(Path runtime) {
    Layer.Builder layer = new Layer.Builder("base");
    for (Path library : NativeLibraries.find(runtime)) {
      layer.file(library, library.toString());
    }
    layer.file(
        write(
            "/etc/passwd",
            """
            root:x:0:0:root:/:/sbin/nologin
            megalodon:x:10001:10001:megalodon:/tmp:/sbin/nologin
            """),
        "/etc/passwd");
    layer.file(write("/etc/group", "root:x:0:\nmegalodon:x:10001:\n"), "/etc/group");
    layer.file(write("/etc/nsswitch.conf", "hosts: files dns\n"), "/etc/nsswitch.conf");
    if (Files.isDirectory(UTF_8_LOCALE)) {
      layer.tree(UTF_8_LOCALE, UTF_8_LOCALE.toString());
    }
    layer.tree(runtime, JavaRuntime.HOME_IN_IMAGE);
    layer.sharedFolder(emptyFolder(), "/tmp");
    return layer.build();
  }

  private Path write(String target, String content) {
    try {
      Path file = workFolder.resolve("files" + target);
      Files.createDirectories(file.getParent());
      return Files.writeString(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write below " + workFolder, e);
    }
  }

  private Path emptyFolder() {
    try {
      return Files.createDirectories(workFolder.resolve("empty"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write below " + workFolder, e);
    }
  }

  private static Path built(Path path, String module) {
    if (!Files.isDirectory(path)) {
      throw new ToolFailedException(
          "%s is not there: build module %s first (make build)".formatted(path, module));
    }
    return path;
  }

  private static Path onlyJar(Path folder) {
    List<Path> candidates =
        jars(folder).stream()
            .filter(jar -> !jar.getFileName().toString().matches(".*-(tests|sources)\\.jar"))
            .toList();
    if (candidates.size() != 1) {
      throw new ToolFailedException(
          "expected one jar in %s and found %s (make build)".formatted(folder, candidates));
    }
    return candidates.getFirst();
  }

  private static List<Path> jars(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot list " + folder, e);
    }
  }
}
