package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.interchange.pytorch.PytorchFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A file of tensors, open for reading: safetensors, or a state dict that {@code torch.save} wrote.
 * Its tensors are valid until it is closed.
 */
public final class TensorFile implements AutoCloseable {
  private static final byte[] ZIP = {'P', 'K', 3, 4};
  private static final byte[] PICKLE = {(byte) 0x80, 2};

  private final Path path;
  private final Map<String, String> metadata;
  private final List<NamedTensor> tensors;
  private final Runnable close;

  private TensorFile(
      Path path, Map<String, String> metadata, List<NamedTensor> tensors, Runnable close) {
    this.path = path;
    this.metadata = metadata;
    this.tensors = List.copyOf(tensors);
    this.close = close;
  }

  /**
   * Opens a file of either format; its first bytes say which.
   *
   * @throws IOException naming the file, and what is wrong with it
   */
  public static TensorFile open(Path path) throws IOException {
    byte[] first = new byte[ZIP.length];
    try (InputStream file = Files.newInputStream(path)) {
      file.readNBytes(first, 0, first.length);
    }
    boolean pytorch = Arrays.equals(first, ZIP) || Arrays.equals(Arrays.copyOf(first, 2), PICKLE);
    return pytorch ? openPytorch(path) : openSafetensors(path);
  }

  @SuppressWarnings("MustBeClosedChecker") // what is returned closes it
  private static TensorFile openPytorch(Path path) throws IOException {
    PytorchFile file = PytorchFile.open(path);
    List<NamedTensor> tensors =
        file.tensors().stream()
            .map(
                tensor ->
                    new NamedTensor(
                        tensor.name(),
                        tensor.type(),
                        tensor.dims(),
                        scratch -> file.bytes(tensor.name(), scratch)))
            .toList();
    return new TensorFile(path, Map.of(), tensors, file::close);
  }

  @SuppressWarnings("MustBeClosedChecker") // what is returned closes it
  private static TensorFile openSafetensors(Path path) throws IOException {
    SafetensorsFile file = SafetensorsFile.open(path);
    try {
      Checksums checksums = Checksums.of(file);
      List<NamedTensor> tensors =
          file.tensors().stream()
              .map(
                  tensor ->
                      new NamedTensor(
                          tensor.name(),
                          tensor.type(),
                          tensor.dims(),
                          scratch -> checksums.checked(tensor.name())))
              .toList();
      return new TensorFile(path, file.metadata(), tensors, file::close);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /** Which file this is. */
  public Path path() {
    return path;
  }

  /** Free text by key; empty for a state dict. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** All tensors, in the file's order. */
  public List<NamedTensor> tensors() {
    return tensors;
  }

  /**
   * One tensor.
   *
   * @throws InterchangeException when there is none of that name
   */
  public NamedTensor tensor(String name) throws InterchangeException {
    return tensors.stream()
        .filter(tensor -> tensor.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new InterchangeException("%s has no tensor '%s'".formatted(path, name)));
  }

  @Override
  public void close() {
    close.run();
  }
}
