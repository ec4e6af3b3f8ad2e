package dev.megalodon.trainer.verify;

import dev.megalodon.kernels.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** A folder of golden files. */
public final class GoldenFolder {
  private static final String EXTENSION = ".safetensors";

  private GoldenFolder() {}

  /** How one file came out. */
  public sealed interface Outcome {
    /** The file's name. */
    String file();

    /** Whether everything in the file was compared and is close enough. */
    boolean isWell();

    /**
     * It was compared.
     *
     * @param worst the tensor that is off by the largest part of what is allowed
     * @param compared number of tensors
     */
    record Compared(String file, Deviation worst, int compared) implements Outcome {
      @Override
      public boolean isWell() {
        return worst.isWithin();
      }
    }

    /**
     * It could not be compared.
     *
     * @param reason one sentence that names the tensor or the field
     */
    record Refused(String file, String reason) implements Outcome {
      @Override
      public boolean isWell() {
        return false;
      }
    }
  }

  /**
   * The golden files of a folder, in the order of their names.
   *
   * @throws IOException when there are none
   */
  public static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          files.filter(file -> file.toString().endsWith(EXTENSION)).sorted().toList();
      if (found.isEmpty()) {
        throw new NoSuchFileException(folder.toString(), null, "no *" + EXTENSION + " in it");
      }
      return found;
    }
  }

  /**
   * Holds devices to one file.
   *
   * @param devices opens one; all that are opened are closed here
   */
  public static Outcome compare(Path path, Supplier<Device> devices) {
    String name = path.getFileName().toString();
    try (GoldenFile file = GoldenFile.open(path, devices)) {
      GoldenCheck check =
          GoldenCheck.find(file)
              .orElseThrow(
                  () -> new IOException("nothing here knows this kind of file; is it golden?"));
      check.run(file);
      if (!file.untouched().isEmpty()) {
        return new Outcome.Refused(
            name,
            "%d tensors were not looked at, such as '%s'"
                .formatted(file.untouched().size(), file.untouched().iterator().next()));
      }
      return new Outcome.Compared(name, worst(file), file.deviations().size());
    } catch (IOException | IllegalArgumentException e) {
      return new Outcome.Refused(name, String.valueOf(e.getMessage()));
    }
  }

  private static Deviation worst(GoldenFile file) throws IOException {
    return file.deviations().stream()
        .reduce((a, b) -> b.isWorseThan(a) ? b : a)
        .orElseThrow(() -> new IOException("it has nothing to compare"));
  }
}
