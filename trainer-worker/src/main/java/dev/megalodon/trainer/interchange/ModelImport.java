package dev.megalodon.trainer.interchange;

import dev.megalodon.trainer.model.FlatLayout;
import dev.megalodon.trainer.model.ModelConfig;
import dev.megalodon.trainer.model.ParameterFiles;
import dev.megalodon.trainer.training.ModelMetadata;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A model that other programs' files hold, whole and checked. Valid until it is closed. */
public final class ModelImport implements AutoCloseable {
  private final List<TensorFile> files;
  private final Model model;

  /**
   * A model.
   *
   * @param tokenizer identity of its tokenizer, if the files say it
   * @param parameters all of them, and nothing else
   * @param saidBy where the configuration comes from, for people
   */
  public record Model(
      ModelConfig config,
      Optional<String> tokenizer,
      List<NamedTensor> parameters,
      String saidBy) {}

  private ModelImport(List<TensorFile> files, Model model) {
    this.files = files;
    this.model = model;
  }

  /**
   * Opens files and checks that together they are a model.
   *
   * @param paths one file, or all parts of a model-parallel group in the order of ranks
   * @param official the reference implementation's configuration file, if there is one
   * @param given what neither files nor configuration say
   * @throws IOException naming the file or tensor that is wrong, and how
   */
  public static ModelImport open(List<Path> paths, Optional<Path> official, ModelShapes.Given given)
      throws IOException {
    List<TensorFile> files = new ArrayList<>();
    try {
      for (Path path : paths) {
        files.add(TensorFile.open(path));
      }
      files.sort(Comparator.comparingInt(file -> Shard.of(file).map(Shard::rank).orElse(0)));
      requireWholeGroup(files);
      return new ModelImport(files, model(files, official, given));
    } catch (IOException | RuntimeException e) {
      files.forEach(TensorFile::close);
      throw e;
    }
  }

  private static void requireWholeGroup(List<TensorFile> files) throws InterchangeException {
    for (int i = 0; i < files.size(); i++) {
      Optional<Shard> shard = Shard.of(files.get(i));
      boolean missing = shard.isPresent() && !shard.get().equals(new Shard(i, files.size()));
      if (missing) {
        throw new InterchangeException(
            "%s is part %s of a model, but %d files were given: give every part once"
                .formatted(files.get(i).path(), shard.get().text(), files.size()));
      }
    }
  }

  private static Model model(
      List<TensorFile> files, Optional<Path> official, ModelShapes.Given given) throws IOException {
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    ModelParallel.merge(files.stream().map(TensorFile::tensors).toList())
        .forEach(tensor -> tensors.put(tensor.name(), tensor));
    ModelShapes shapes = new ModelShapes(tensors);
    Optional<ModelConfig> own = inMetadata(files.getFirst());
    Optional<String> tokenizer = ModelMetadata.tokenizer(files.getFirst().metadata());
    if (own.isPresent()) {
      return checked(own.get(), tokenizer, shapes, tensors, "the files' metadata");
    }
    if (official.isPresent()) {
      ModelConfig config = OfficialConfig.read(official.get(), shapes.vocabulary());
      return checked(config, tokenizer, shapes, tensors, official.get().toString());
    }
    return checked(
        shapes.config(given), tokenizer, shapes, tensors, "the tensors' shapes and the options");
  }

  private static Optional<ModelConfig> inMetadata(TensorFile file) throws InterchangeException {
    try {
      return ModelMetadata.read(file.path(), file.metadata());
    } catch (IllegalArgumentException e) {
      throw new InterchangeException(String.valueOf(e.getMessage()));
    }
  }

  private static Model checked(
      ModelConfig config,
      Optional<String> tokenizer,
      ModelShapes shapes,
      Map<String, NamedTensor> tensors,
      String saidBy)
      throws IOException {
    // First, because a hostile number of layers would make a list of parameters without end.
    if (config.layers() != shapes.layers()) {
      throw new InterchangeException(
          "%s says %d layers, the tensors are of %d"
              .formatted(saidBy, config.layers(), shapes.layers()));
    }
    List<NamedTensor> parameters = new ArrayList<>();
    Map<String, NamedTensor> rest = new LinkedHashMap<>(tensors);
    for (FlatLayout.Entry wanted : FlatLayout.of(config, 1, 1, Long.MAX_VALUE).entries()) {
      parameters.add(checked(wanted, rest.remove(wanted.name()), config));
    }
    for (NamedTensor tensor : rest.values()) {
      checkRest(tensor, tensors, config);
    }
    return new Model(config, tokenizer, List.copyOf(parameters), saidBy);
  }

  private static NamedTensor checked(
      FlatLayout.Entry wanted, @Nullable NamedTensor found, ModelConfig config)
      throws InterchangeException {
    if (found == null) {
      throw new InterchangeException(
          "parameter '%s' %s is missing".formatted(wanted.name(), wanted.dims()));
    }
    if (!found.dims().equals(wanted.dims())) {
      throw new InterchangeException(
          "parameter '%s' has the shape %s, but %s makes it %s"
              .formatted(wanted.name(), found.dims(), config, wanted.dims()));
    }
    if (!Conversion.isFloating(found.type())) {
      throw new InterchangeException(
          "parameter '%s' is %s, not floating".formatted(wanted.name(), found.type()));
    }
    return found;
  }

  private static void checkRest(
      NamedTensor tensor, Map<String, NamedTensor> tensors, ModelConfig config) throws IOException {
    if (ParameterFiles.isOfficialBuffer(tensor.name())) {
      OfficialBuffers.require(tensor, config);
    } else if (config.shareEmbedding() && tensor.name().equals(ParameterFiles.OUTPUT)) {
      requireTied(tensor, tensors);
    } else {
      throw new InterchangeException(
          "tensor '%s' is no parameter of the model %s".formatted(tensor.name(), config));
    }
  }

  private static void requireTied(NamedTensor output, Map<String, NamedTensor> tensors)
      throws IOException {
    NamedTensor embedding = tensors.get(ParameterFiles.EMBEDDING);
    if (embedding == null || !output.isSame(embedding)) {
      throw new InterchangeException(
          "'%s' is not '%s', but the configuration shares the embedding"
              .formatted(output.name(), ParameterFiles.EMBEDDING));
    }
  }

  /** The model. */
  public Model model() {
    return model;
  }

  @Override
  public void close() {
    files.forEach(TensorFile::close);
  }
}
