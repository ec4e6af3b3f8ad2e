package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.checkpoint.Manifest;
import dev.megalodon.trainer.checkpoint.StartingPoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Where an imported model goes. */
public sealed interface ImportTarget {

  /** One safetensors file with the configuration in its metadata. */
  record File(Path path) implements ImportTarget {
    @Override
    public void write(ModelImport.Model model, Optional<DataType> type, Clock clock)
        throws IOException {
      new ModelExport(type, false, 1)
          .write(model.config(), model.tokenizer(), model.parameters(), path);
    }
  }

  /** A checkpoint that a job can start from. */
  record Checkpoint(Path folder) implements ImportTarget {
    @Override
    public void write(ModelImport.Model model, Optional<DataType> type, Clock clock)
        throws IOException {
      makeEmpty(folder);
      FileDigest parameters =
          new ModelExport(type, false, 1)
              .writeWhole(
                  model.config(),
                  model.tokenizer(),
                  model.parameters(),
                  folder.resolve(Manifest.PARAMETERS));
      Map<String, Object> description =
          Map.of("architecture", "megalodon", "config", model.config());
      new StartingPoint(folder, description).commit(parameters, clock);
    }

    private static void makeEmpty(Path folder) throws IOException {
      Files.createDirectories(folder);
      try (Stream<Path> files = Files.list(folder)) {
        List<Path> found = files.limit(1).toList();
        if (!found.isEmpty()) {
          throw new InterchangeException(
              "the folder %s is not empty (%s): name a new one"
                  .formatted(folder, found.getFirst().getFileName()));
        }
      }
    }
  }

  /** What a path stands for: a file when it ends in .safetensors, a folder otherwise. */
  static ImportTarget of(Path path) {
    return path.toString().endsWith(".safetensors") ? new File(path) : new Checkpoint(path);
  }

  /**
   * Writes the model.
   *
   * @param type what parameters are stored as; empty: as they are
   * @throws IOException naming the tensor or file that stands against it
   */
  void write(ModelImport.Model model, Optional<DataType> type, Clock clock) throws IOException;
}
