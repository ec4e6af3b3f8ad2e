package dev.megalodon.trainer.parallel;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Waits for letters. It moves none itself: the watch moves a chunk group's letters in every wait.
 */
record LetterExchange(List<Item> items) implements Exchange {
  /** A letter and the link it is on. */
  record Item(PeerLink link, Letter letter) {}

  @Override
  public boolean finished() {
    for (Item item : items) {
      if (!item.letter().finished()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public int move() {
    return 0;
  }

  @Override
  public Optional<String> missingPeer() {
    return items.stream()
        .filter(item -> !item.letter().finished())
        .flatMap(item -> item.link().obstacle(item.letter()).stream())
        .findFirst();
  }

  @Override
  public String progress() {
    return items.stream()
        .filter(item -> !item.letter().finished())
        .map(item -> item.letter().progress(item.link().peer()))
        .collect(Collectors.joining(", "));
  }
}
