package dev.megalodon.trainer;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A small file system of its own that can be filled up and made read-only. */
public final class TrialVolume implements AutoCloseable {
  private static final long BOUND_SECONDS = 30;

  private final Path root;

  private TrialVolume(Path root) {
    this.root = root;
  }

  /** Mounts one of two MiB; empty where this process may not. */
  public static Optional<TrialVolume> mount(Path root) throws IOException, InterruptedException {
    Files.createDirectories(root);
    int status = run("mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", root.toString());
    return status == 0 ? Optional.of(new TrialVolume(root)) : Optional.empty();
  }

  /** What can be wrong with it. */
  public enum Trouble {
    /** Not a byte more. */
    FULL("No space left on device") {
      @Override
      public void begin(TrialVolume volume) {
        volume.fill();
      }

      @Override
      public void end(TrialVolume volume) {
        volume.empty();
      }
    },
    /** Reading works. */
    READ_ONLY("Read-only file system") {
      @Override
      public void begin(TrialVolume volume) {
        volume.remount("ro");
      }

      @Override
      public void end(TrialVolume volume) {
        volume.remount("rw");
      }
    };

    private final String reason;

    Trouble(String reason) {
      this.reason = reason;
    }

    /** What the system says. */
    public String reason() {
      return reason;
    }

    /** From now on. */
    public abstract void begin(TrialVolume volume);

    /** Until now. */
    public abstract void end(TrialVolume volume);
  }

  private Path ballast() {
    return root.resolve("ballast");
  }

  private void fill() {
    try (FileChannel channel =
        FileChannel.open(ballast(), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      while (true) {
        channel.write(ByteBuffer.allocate(1 << 12));
      }
    } catch (IOException e) {
      // Full, as it should be.
    }
  }

  private void empty() {
    try {
      Files.delete(ballast());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits, for a bounded time, until nobody has a file open to write. */
  private void remount(String how) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(BOUND_SECONDS);
    try {
      while (run("mount", "-o", "remount," + how, root.toString()) != 0) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException("cannot remount %s %s".formatted(root, how));
        }
        Thread.sleep(20);
      }
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int run(String... command) throws IOException, InterruptedException {
    return new ProcessBuilder(List.of(command)).start().waitFor();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    run("umount", "-l", root.toString());
  }
}
