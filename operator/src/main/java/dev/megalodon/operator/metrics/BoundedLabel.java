package dev.megalodon.operator.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A label's values, a bounded number of them whatever the cluster says: the first ones keep their
 * names, the rest are {@link #OTHER}.
 */
final class BoundedLabel {
  static final String OTHER = "Other";

  private static final int MOST = 50;

  private final Set<String> known = ConcurrentHashMap.newKeySet();

  String of(String value) {
    if (known.size() < MOST) {
      known.add(value);
    }
    return known.contains(value) ? value : OTHER;
  }
}
