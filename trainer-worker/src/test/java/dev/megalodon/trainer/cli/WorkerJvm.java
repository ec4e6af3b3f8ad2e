package dev.megalodon.trainer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The {@code megalodon} command in a JVM of its own. */
final class WorkerJvm implements AutoCloseable {
  private static final long BOUND_SECONDS = 300;

  private final Process process;
  private final Path log;

  private WorkerJvm(Process process, Path log) {
    this.process = process;
    this.log = log;
  }

  static WorkerJvm start(Path log, List<String> arguments) throws IOException {
    return start(log, arguments, Map.of());
  }

  static WorkerJvm start(Path log, List<String> arguments, Map<String, String> environment)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                MegalodonCommand.class.getName()));
    command.addAll(arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().putAll(environment);
    return new WorkerJvm(builder.start(), log);
  }

  /** Waits for the end and returns the exit status. */
  int await() throws InterruptedException, IOException {
    if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(
          "a worker did not end within %d s; its log:%n%s".formatted(BOUND_SECONDS, log()));
    }
    return process.exitValue();
  }

  String log() throws IOException {
    return Files.readString(log);
  }

  boolean runs() {
    return process.isAlive();
  }

  /** SIGKILL, to this process alone. */
  void kill() {
    process.destroyForcibly();
  }

  /** SIGTERM, to this process alone. */
  void terminate() {
    process.destroy();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
