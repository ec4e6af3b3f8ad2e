package dev.megalodon.trainer.interchange.pytorch;

import dev.megalodon.kernels.safetensors.DataType;
import java.util.ArrayList;
import java.util.List;

/**
 * What the names in a pickle mean: storages, tensors, parameters and ordered dictionaries.
 *
 * @param input names the place in errors
 */
record Rebuild(PickleInput input) {

  /**
   * The storage that a persistent id stands for: ("storage", type, key, location, elements).
   *
   * @throws PytorchFileException when it is another kind of id
   */
  Pickled.Storage storage(Pickled id) throws PytorchFileException {
    if (id instanceof Pickled.Tuple(List<Pickled> parts, int depth)
        && depth == 1
        && parts.size() == 5
        && parts.get(0) instanceof Pickled.Text(String what)
        && what.equals("storage")
        && parts.get(1) instanceof Pickled.Global type
        && parts.get(2) instanceof Pickled.Text(String key)
        && parts.get(4) instanceof Pickled.Whole(long elements)
        && elements >= 0) {
      return new Pickled.Storage(type(type), key, elements);
    }
    throw input.refused("a persistent id that is no storage");
  }

  private DataType type(Pickled.Global storage) throws PytorchFileException {
    return switch (storage) {
      case FLOAT_STORAGE -> DataType.F32;
      case BFLOAT16_STORAGE -> DataType.BF16;
      case HALF_STORAGE -> DataType.F16;
      case LONG_STORAGE -> DataType.I64;
      case ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER ->
          throw input.refused("%s as a storage".formatted(storage.kind()));
    };
  }

  /**
   * What a name applied to arguments stands for.
   *
   * @throws PytorchFileException when it is none of the three that can be applied, or the arguments
   *     are not as PyTorch writes them
   */
  Pickled call(Pickled name, Pickled arguments) throws PytorchFileException {
    if (name instanceof Pickled.Global global && arguments instanceof Pickled.Tuple tuple) {
      return call(global, tuple.items());
    }
    throw input.refused("a call of %s".formatted(name.kind()));
  }

  private Pickled call(Pickled.Global global, List<Pickled> given) throws PytorchFileException {
    return switch (global) {
      case ORDERED_DICT -> dictionary(given);
      case REBUILD_TENSOR -> tensor(given);
      case REBUILD_PARAMETER -> parameter(given);
      case FLOAT_STORAGE, BFLOAT16_STORAGE, HALF_STORAGE, LONG_STORAGE ->
          throw input.refused("a call of %s".formatted(global.kind()));
    };
  }

  private Pickled dictionary(List<Pickled> given) throws PytorchFileException {
    if (!given.isEmpty()) {
      throw input.refused("an OrderedDict of %d arguments".formatted(given.size()));
    }
    return new Pickled.Dictionary();
  }

  /** (storage, offset, shape, strides, requires_grad, backward_hooks). */
  private Pickled tensor(List<Pickled> given) throws PytorchFileException {
    if (given.size() != 6
        || !(given.get(0) instanceof Pickled.Storage storage)
        || !(given.get(1) instanceof Pickled.Whole(long offset))
        || !isEmpty(given.get(5))) {
      throw input.refused("a tensor of other arguments than storage, offset, shape and strides");
    }
    StridedLayout layout = new StridedLayout(offset, numbers(given.get(2)), numbers(given.get(3)));
    String problem = layout.problem(storage.elements());
    if (!problem.isEmpty()) {
      throw input.refused("a tensor that %s".formatted(problem));
    }
    return new Pickled.TensorView(storage, layout);
  }

  /** (tensor, requires_grad, backward_hooks). */
  private Pickled parameter(List<Pickled> given) throws PytorchFileException {
    if (given.size() != 3
        || !(given.get(0) instanceof Pickled.TensorView tensor)
        || !isEmpty(given.get(2))) {
      throw input.refused("a parameter that is no plain tensor");
    }
    return tensor;
  }

  private static boolean isEmpty(Pickled hooks) {
    return hooks instanceof Pickled.Dictionary dictionary && dictionary.items().isEmpty();
  }

  private List<Long> numbers(Pickled tuple) throws PytorchFileException {
    if (!(tuple instanceof Pickled.Tuple(List<Pickled> items, int _))) {
      throw input.refused("%s as a shape".formatted(tuple.kind()));
    }
    List<Long> numbers = new ArrayList<>();
    for (Pickled item : items) {
      if (!(item instanceof Pickled.Whole(long value))) {
        throw input.refused("%s in a shape".formatted(item.kind()));
      }
      numbers.add(value);
    }
    return List.copyOf(numbers);
  }
}
