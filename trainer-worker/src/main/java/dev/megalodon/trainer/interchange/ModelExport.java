package dev.megalodon.trainer.interchange;

import dev.megalodon.kernels.safetensors.DataType;
import dev.megalodon.kernels.safetensors.SafetensorsWriter;
import dev.megalodon.trainer.checkpoint.DurableFiles;
import dev.megalodon.trainer.checkpoint.FileDigest;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ParameterFiles;
import dev.megalodon.trainer.training.ModelMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Writes a model for other programs.
 *
 * @param type what floating numbers are stored as; empty: as they are
 * @param officialBuffers whether files get what the reference implementation stores beside
 *     parameters, an output that shares the embedding included
 * @param ranks model-parallel parts to cut the model into; 1: whole
 */
public record ModelExport(Optional<DataType> type, boolean officialBuffers, int ranks) {
  /** The whole model as it is, parameters only. */
  public static final ModelExport PLAIN = new ModelExport(Optional.empty(), false, 1);

  /**
   * Writes the files.
   *
   * @param tokenizer identity of the model's tokenizer, if it is known
   * @param target the file; parts are called so with their number before the ending
   * @return what was written, in the order of ranks
   * @throws IOException naming the tensor or dimension that stands against it, or the file that
   *     cannot be written
   */
  public List<Path> write(
      ModelConfig config, Optional<String> tokenizer, List<NamedTensor> parameters, Path target)
      throws IOException {
    ModelParallel.requireDivisible(config, ranks);
    List<NamedTensor> whole = complete(config, parameters);
    List<Path> written = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      Path file = ranks == 1 ? target : part(target, rank);
      write(file, config, tokenizer, new Shard(rank, ranks), parts(whole, rank));
      written.add(file);
    }
    return written;
  }

  private List<NamedTensor> complete(ModelConfig config, List<NamedTensor> parameters) {
    List<NamedTensor> all = new ArrayList<>(parameters);
    if (officialBuffers) {
      all.addAll(OfficialBuffers.of(config));
      if (config.shareEmbedding()) {
        parameters.stream()
            .filter(tensor -> tensor.name().equals(ParameterFiles.EMBEDDING))
            .map(
                tied ->
                    new NamedTensor(ParameterFiles.OUTPUT, tied.type(), tied.dims(), tied::bytes))
            .forEach(all::add);
      }
    }
    return all.stream().map(this::converted).toList();
  }

  private NamedTensor converted(NamedTensor tensor) {
    return type.map(wanted -> Conversion.to(wanted, tensor)).orElse(tensor);
  }

  private List<NamedTensor> parts(List<NamedTensor> whole, int rank) throws InterchangeException {
    if (ranks == 1) {
      return whole;
    }
    List<NamedTensor> parts = new ArrayList<>();
    for (NamedTensor tensor : whole) {
      parts.add(ModelParallel.part(tensor, rank, ranks));
    }
    return parts;
  }

  /**
   * model.safetensors → model.01.safetensors, as the reference implementation numbers its files.
   */
  private static Path part(Path target, int rank) {
    String name = String.valueOf(target.getFileName());
    int ending = name.lastIndexOf('.');
    String stem = ending < 0 ? name : name.substring(0, ending);
    String rest = ending < 0 ? "" : name.substring(ending);
    return target.resolveSibling("%s.%02d%s".formatted(stem, rank, rest));
  }

  /** The parameters in this export's precision as one file. */
  FileDigest writeWhole(
      ModelConfig config, Optional<String> tokenizer, List<NamedTensor> parameters, Path file)
      throws IOException {
    return write(file, config, tokenizer, new Shard(0, 1), complete(config, parameters));
  }

  /** Writes one file under a temporary name, then renames it. */
  private static FileDigest write(
      Path file,
      ModelConfig config,
      Optional<String> tokenizer,
      Shard shard,
      List<NamedTensor> tensors)
      throws IOException {
    Map<String, String> metadata = new HashMap<>(ModelMetadata.of(config, tokenizer));
    metadata.putAll(shard.metadata());
    metadata.putAll(Checksums.metadata(tensors));
    List<SafetensorsWriter.Entry> entries = tensors.stream().map(NamedTensor::entry).toList();
    Path absolute = file.toAbsolutePath();
    return DurableFiles.PLAIN.write(
        Objects.requireNonNullElse(absolute.getParent(), absolute),
        String.valueOf(absolute.getFileName()),
        channel -> SafetensorsWriter.write(channel, metadata, entries));
  }
}
