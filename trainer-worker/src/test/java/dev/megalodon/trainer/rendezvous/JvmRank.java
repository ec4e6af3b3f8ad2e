package dev.megalodon.trainer.rendezvous;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A {@link RankProcess} in a JVM of its own, started, listened to and ended by a test. */
final class JvmRank implements AutoCloseable {
  private static final long BOUND_SECONDS = 40;

  private final String name;
  private final Process process;
  private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private JvmRank(String name, Process process) {
    this.name = name;
    this.process = process;
    Thread.ofPlatform().daemon().name(name).start(this::listen);
  }

  static JvmRank start(
      int rank, int worldSize, long incarnation, int rendezvousPort, int udpPort, Path folder)
      throws IOException {
    String name = "rank-" + rank + "-" + incarnation;
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "--add-exports=java.base/jdk.internal.misc=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                RankProcess.class.getName(),
                Integer.toString(rank),
                Integer.toString(worldSize),
                Long.toString(incarnation),
                Integer.toString(rendezvousPort),
                Integer.toString(udpPort),
                folder.resolve(name).toString())
            .redirectErrorStream(true)
            .start();
    return new JvmRank(name, process);
  }

  /** Waits until the process says a line that starts so, and returns it. */
  String await(String start) throws InterruptedException {
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    StringBuilder heard = new StringBuilder();
    while (true) {
      String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (line == null) {
        throw new AssertionError(
            "%s did not say \"%s\" within %d s, but:%n%s"
                .formatted(name, start, BOUND_SECONDS, heard));
      }
      if (line.startsWith(start)) {
        return line;
      }
      heard.append(line).append('\n');
    }
  }

  /** SIGKILL, to this process alone. */
  void kill() {
    process.destroyForcibly();
  }

  /** SIGSTOP, to this process alone: its sockets stay open and nothing comes out of them. */
  void freeze() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT: it goes on as if no time had passed. */
  void thaw() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    int status = new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor();
    if (status != 0) {
      throw new AssertionError("kill -%s %s: status %d".formatted(signal, pid, status));
    }
  }

  /** Tells the process to stop after its round. */
  void stop() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits for the end of the process and returns its exit code. */
  int exitCode() throws InterruptedException {
    if (!process.waitFor(BOUND_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError(name + " did not end within " + BOUND_SECONDS + " s");
    }
    return process.exitValue();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void listen() {
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      if (process.isAlive()) {
        throw new UncheckedIOException(name + " cannot be listened to", e);
      }
    }
  }
}
