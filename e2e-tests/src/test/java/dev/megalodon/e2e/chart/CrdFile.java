package dev.megalodon.e2e.chart;

import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The CRD in the chart. */
final class CrdFile {
  static final String NAME = "megalodontrainingjobs.training.megalodon.dev";

  private static final Path PLACE = Path.of("files", NAME + ".yaml");

  private CrdFile() {}

  static Path shipped() {
    return Release.chart().resolve(PLACE);
  }

  /** A copy of the chart whose CRD lacks its first column, as an older one would. */
  static Path olderChart(Path folder) {
    Path copy = folder.resolve("older");
    try (Stream<Path> files = Files.walk(Release.chart())) {
      for (Path file : files.toList()) {
        Files.copy(file, copy.resolve(Release.chart().relativize(file).toString()));
      }
      CustomResourceDefinition crd =
          Serialization.unmarshal(Files.readString(shipped()), CustomResourceDefinition.class);
      var version = crd.getSpec().getVersions().getFirst();
      List<?> columns = version.getAdditionalPrinterColumns();
      columns.removeFirst();
      Files.writeString(copy.resolve(PLACE), Serialization.asYaml(crd));
      return copy;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
