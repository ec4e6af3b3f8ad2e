package dev.megalodon.operator.observe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Phrases in which the cluster says what is wrong; of several in one message, the first of these
 * counts.
 */
public final class Signs {
  private record Sign(Pattern phrase, Obstacle meaning) {}

  private final List<Sign> ordered;

  private Signs(List<Sign> ordered) {
    this.ordered = List.copyOf(ordered);
  }

  /** No signs yet. */
  public static Signs none() {
    return new Signs(List.of());
  }

  /** These, and then this one: a regular expression that ignores case. */
  public Signs then(String phrase, Obstacle meaning) {
    List<Sign> longer = new ArrayList<>(ordered);
    longer.add(new Sign(Pattern.compile(phrase, Pattern.CASE_INSENSITIVE), meaning));
    return new Signs(longer);
  }

  /** What a message means, if one of the phrases is in it. */
  public Optional<Obstacle> in(String message) {
    return ordered.stream()
        .filter(sign -> sign.phrase().matcher(message).find())
        .map(Sign::meaning)
        .findFirst();
  }
}
