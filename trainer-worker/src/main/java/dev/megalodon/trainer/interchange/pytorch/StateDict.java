package dev.megalodon.trainer.interchange.pytorch;

import java.util.LinkedHashMap;
import java.util.Map;

/** A pickle's value as tensors by name. */
final class StateDict {
  private StateDict() {}

  /**
   * The tensors of a dictionary, in its order.
   *
   * @throws PytorchFileException naming the item that is no tensor
   */
  static Map<String, Pickled.TensorView> of(Bytes pickle, Pickled value)
      throws PytorchFileException {
    if (!(value instanceof Pickled.Dictionary dictionary)) {
      throw pickle.damaged(
          "it holds %s, not a state dict of tensors by name".formatted(value.kind()));
    }
    Map<String, Pickled.TensorView> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, Pickled> item : dictionary.items().entrySet()) {
      if (!(item.getValue() instanceof Pickled.TensorView tensor)) {
        throw pickle.damaged(
            "'%s' is %s, not a tensor; save the state dict itself"
                .formatted(item.getKey(), item.getValue().kind()));
      }
      tensors.put(item.getKey(), tensor);
    }
    return tensors;
  }
}
