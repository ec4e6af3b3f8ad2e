package dev.megalodon.kernels;

import java.util.Arrays;
import java.util.stream.Collectors;

/** A choice that configuration makes by name. */
public interface Named {
  /** The name in configuration. */
  String label();

  /**
   * The constant of a name.
   *
   * @param what the choice is about, for the error
   * @throws IllegalArgumentException when there is none, listing those there are
   */
  static <E extends Enum<E> & Named> E byName(Class<E> choices, String what, String name) {
    E[] all = choices.getEnumConstants();
    return Arrays.stream(all)
        .filter(choice -> choice.label().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no %s is called '%s'; there are %s".formatted(what, name, labels(all))));
  }

  private static String labels(Named[] all) {
    return Arrays.stream(all).map(Named::label).collect(Collectors.joining(", "));
  }
}
