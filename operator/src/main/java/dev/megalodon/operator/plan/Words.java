package dev.megalodon.operator.plan;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Names as conditions and events have them. */
final class Words {
  private Words() {}

  /** {@code BAD_DATA} becomes {@code BadData}. */
  static String camelCase(String constant) {
    return Arrays.stream(constant.split("_"))
        .map(word -> word.charAt(0) + word.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
