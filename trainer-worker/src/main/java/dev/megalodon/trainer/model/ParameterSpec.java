package dev.megalodon.trainer.model;

import java.util.Arrays;
import java.util.List;

/**
 * One parameter.
 *
 * @param name the reference implementation's name
 * @param dims shape
 * @param initial how training starts it
 */
record ParameterSpec(String name, List<Long> dims, InitialValues initial) {
  ParameterSpec(String name, InitialValues initial, long... dims) {
    this(name, Arrays.stream(dims).boxed().toList(), initial);
  }

  /** Number of elements. */
  long elements() {
    return dims.stream().reduce(1L, Math::multiplyExact);
  }
}
