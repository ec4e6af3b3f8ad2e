package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.PodProcess;
import dev.megalodon.e2e.jobs.Workspace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Bytes of the newest checkpoint turn over, and then all ranks are killed: the one before holds.
 */
record CorruptCheckpoint() implements Fault {
  private static final String MANIFEST = "manifest.json";
  private static final String PARAMETERS = "parameters.safetensors";

  @Override
  public String name() {
    return "newest checkpoint corrupted, all ranks killed";
  }

  @Override
  public Expectation expectation() {
    return Expectation.reloaded(1);
  }

  @Override
  public Set<Integer> victims(Scene scene) {
    return Scene.allRanks();
  }

  @Override
  public Injection inject(Scene scene) {
    List<PodProcess> processes = Scene.allRanks().stream().map(scene::process).toList();
    // Frozen first, so that none writes a newer checkpoint before it is dead.
    processes.forEach(PodProcess::freeze);
    Path newest = newestCommitted(scene.workspace(), scene.job());
    turnOver(newest.resolve(PARAMETERS));
    processes.forEach(PodProcess::kill);
    return Injection.done().checking(evidence -> wentBackBehind(newest, evidence));
  }

  private static List<String> wentBackBehind(Path corrupt, Evidence evidence) {
    String name = corrupt.getFileName().toString();
    long step = Long.parseLong(name.substring(name.lastIndexOf('-') + 1));
    return evidence
        .firstNewStep()
        .filter(first -> first > step)
        .map(first -> "went on with step %d, from the corrupt checkpoint %s".formatted(first, name))
        .stream()
        .toList();
  }

  private static Path newestCommitted(Workspace workspace, String job) {
    try (Stream<Path> folders = Files.list(workspace.jobFolder(job).orElseThrow())) {
      return folders
          .filter(folder -> Files.exists(folder.resolve(MANIFEST)))
          .max(Comparator.comparing(folder -> folder.getFileName().toString()))
          .orElseThrow(() -> new AssertionError(job + " has no checkpoint yet"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void turnOver(Path file) {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long middle = channel.size() / 2;
      ByteBuffer bytes = ByteBuffer.allocate(8);
      channel.read(bytes, middle);
      byte[] turned = bytes.array();
      for (int i = 0; i < turned.length; i++) {
        turned[i] = (byte) ~turned[i];
      }
      channel.write(ByteBuffer.wrap(turned), middle);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
