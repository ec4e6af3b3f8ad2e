package dev.megalodon.e2e.faults;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A file system of a few megabytes over a folder, in all nodes' mount namespaces and nowhere else:
 * it ends with the nodes' processes, whatever becomes of the tests. This machine sees it through
 * the first node.
 */
final class SmallVolume implements AutoCloseable {
  private static final String WORKER = "10001:10001";

  private final EmbeddedCluster cluster;
  private final Path folder;
  private final Path image;
  private final List<String> runtimes;

  private SmallVolume(EmbeddedCluster cluster, Path folder, Path image, List<String> runtimes) {
    this.cluster = cluster;
    this.folder = folder;
    this.image = image;
    this.runtimes = runtimes;
  }

  /** Makes one of this size and mounts it over the folder. */
  static SmallVolume mount(EmbeddedCluster cluster, Path folder, int mebibytes) {
    Path image = folder.resolveSibling(folder.getFileName() + ".ext4");
    List<String> runtimes =
        cluster.client().nodes().list().getItems().stream()
            .map(node -> Long.toString(cluster.runtimeOf(node.getMetadata().getName())))
            .toList();
    SmallVolume volume = new SmallVolume(cluster, folder, image, runtimes);
    try {
      volume.make(mebibytes);
      return volume;
    } catch (RuntimeException | AssertionError e) {
      volume.close();
      throw e;
    }
  }

  private void make(int mebibytes) {
    run("truncate", "--size=" + mebibytes + "M", image.toString());
    run("mkfs.ext4", "-q", "-F", "-m", "0", "-E", "root_owner=" + WORKER, image.toString());
    // One device for all, so that they see one file system; it is freed with its last mount.
    inNode(runtimes.getFirst(), "mount", "-o", "loop", image.toString(), folder.toString());
    String device =
        run("losetup", "--noheadings", "--output=NAME", "--associated", image.toString());
    for (String runtime : runtimes.subList(1, runtimes.size())) {
      inNode(runtime, "mount", device.strip(), folder.toString());
    }
  }

  /** Where this machine sees it. */
  Path seenAt() {
    return Path.of("/proc", runtimes.getFirst(), "root").resolve(folder.toString().substring(1));
  }

  private String run(String... command) {
    return cluster.run(command).successful();
  }

  private String inNode(String runtime, String... command) {
    List<String> entered = new ArrayList<>(List.of("nsenter", "--target", runtime, "--mount"));
    entered.addAll(List.of(command));
    return run(entered.toArray(String[]::new));
  }

  /** Unmounts it everywhere; pods that still use it keep what they have. */
  @Override
  public void close() {
    for (String runtime : runtimes) {
      cluster.run("nsenter", "--target", runtime, "--mount", "umount", "--lazy", folder.toString());
    }
    try {
      Files.deleteIfExists(image);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
