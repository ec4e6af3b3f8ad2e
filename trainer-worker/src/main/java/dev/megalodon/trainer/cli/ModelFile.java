package dev.megalodon.trainer.cli;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.kernels.Device;
import dev.megalodon.kernels.safetensors.SafetensorsFile;
import dev.megalodon.trainer.checkpoint.CheckpointStore;
import dev.megalodon.trainer.checkpoint.DurableFiles;
import dev.megalodon.trainer.checkpoint.StoredCheckpoint;
import dev.megalodon.trainer.exit.WorkerExit;
import dev.megalodon.trainer.interchange.Checksums;
import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.FlatTensors;
import dev.megalodon.trainer.model.MegalodonModel;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ModelWeights;
import dev.megalodon.trainer.model.ParameterFiles;
import dev.megalodon.trainer.training.ModelMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A trained model on disk.
 *
 * @param parameters safetensors file with all parameters
 * @param checkpoint the checkpoint that it is part of, if it is
 */
record ModelFile(Path parameters, Optional<StoredCheckpoint> checkpoint) {
  private static final Logger LOG = LoggerFactory.getLogger(ModelFile.class);
  private static final long ONE_BUCKET = Long.MAX_VALUE;

  /**
   * Finds the model that a path stands for: a safetensors file, a checkpoint's folder, or a job's
   * folder, whose newest checkpoint it is then. Checkpoints are verified; newer ones that are
   * damaged are logged.
   *
   * @throws WorkerExit {@code MISSING_INPUT} or {@code CHECKPOINT_FAILED}, naming the path
   */
  static ModelFile find(Path path) {
    if (Files.isRegularFile(path)) {
      return new ModelFile(path, Optional.empty());
    }
    if (!Files.isDirectory(path)) {
      throw new WorkerExit(
          ExitCode.MISSING_INPUT,
          "%s is not there: give a safetensors file, a checkpoint's folder or a job's folder"
              .formatted(path));
    }
    StoredCheckpoint checkpoint = checkpoint(path);
    return new ModelFile(checkpoint.parameters(), Optional.of(checkpoint));
  }

  private static StoredCheckpoint checkpoint(Path folder) {
    CheckpointStore store = new CheckpointStore(folder, Duration.ZERO);
    if (Files.exists(folder.resolve("manifest.json"))) {
      try {
        return store.open(folder);
      } catch (IOException e) {
        throw unusable(folder, e);
      }
    }
    return store
        .newestVerified(LOG::warn)
        .orElseThrow(
            () ->
                new WorkerExit(
                    ExitCode.MISSING_INPUT,
                    "there is no checkpoint in %s: a manifest.json would mark one"
                        .formatted(folder)));
  }

  private static WorkerExit unusable(Path path, Exception cause) {
    Object reason = cause instanceof IOException e ? DurableFiles.reason(e) : cause.getMessage();
    return new WorkerExit(
        ExitCode.CHECKPOINT_FAILED, "%s cannot be used: %s".formatted(path, reason), cause);
  }

  /** Loads the model into a device. */
  MegalodonModel load(Device device) {
    try (SafetensorsFile file = SafetensorsFile.open(parameters)) {
      ModelConfig config = config(file);
      FlatLayout layout = FlatLayout.of(config, 1, device.parameterType().bytes(), ONE_BUCKET);
      ParameterFiles.requireFits(file, layout);
      Checksums.requireIntact(file);
      FlatTensors tensors = FlatTensors.allocateParameters(device, layout);
      ParameterFiles.load(file, device, tensors);
      return new MegalodonModel(device, device, config, ModelWeights.of(config, tensors));
    } catch (IOException | IllegalArgumentException e) {
      throw unusable(parameters, e);
    }
  }

  private static ModelConfig config(SafetensorsFile file) {
    ModelConfig config = stated(file);
    if (config.layers() > file.tensors().size()) {
      throw new IllegalArgumentException(
          "its metadata says %d layers, but it has %d tensors"
              .formatted(config.layers(), file.tensors().size()));
    }
    return config;
  }

  private static ModelConfig stated(SafetensorsFile file) {
    return ModelMetadata.read(file)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "it has no model configuration in its metadata; bring it in with megalodon import"));
  }
}
