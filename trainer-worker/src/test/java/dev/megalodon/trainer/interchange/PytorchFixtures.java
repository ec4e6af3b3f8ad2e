package dev.megalodon.trainer.interchange;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Files that {@code make_fixtures.py} wrote with PyTorch. */
public final class PytorchFixtures {
  private PytorchFixtures() {}

  /** Where the file of that name lies. */
  public static Path path(String fileName) {
    String resource = "/pytorch/" + fileName;
    try {
      return Path.of(
          Objects.requireNonNull(PytorchFixtures.class.getResource(resource), resource).toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }
}
