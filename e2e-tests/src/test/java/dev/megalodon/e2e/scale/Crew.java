package dev.megalodon.e2e.scale;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The {@link StandInWorkers} of a run, in the network of the node that gets what is for them. */
final class Crew implements AutoCloseable {
  private final Process program;
  private final Writer orders;

  private Crew(Process program) {
    this.program = program;
    this.orders = program.outputWriter(StandardCharsets.UTF_8);
  }

  static Crew start(EmbeddedCluster cluster) {
    List<String> command =
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-Xmx256m",
            "--class-path",
            System.getProperty("java.class.path"),
            StandInWorkers.class.getName());
    try {
      return new Crew(
          cluster
              .longOnNode(FakeNodes.ANSWERING_NODE, command)
              .redirectOutput(ProcessBuilder.Redirect.INHERIT)
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on something answers at a worker's address. */
  void add(String address, String jobUid, int rank, long incarnation) {
    order("%s %s %d %d".formatted(address, jobUid, rank, incarnation));
  }

  /** From now on every answer is a step further. */
  void train() {
    order("train");
  }

  /** From now on all answers stay the same. */
  void rest() {
    order("rest");
  }

  private synchronized void order(String line) {
    try {
      orders.write(line + "\n");
      orders.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("the stand-in workers ended", e);
    }
  }

  @Override
  public void close() {
    program.descendants().forEach(ProcessHandle::destroy);
    program.destroy();
  }
}
