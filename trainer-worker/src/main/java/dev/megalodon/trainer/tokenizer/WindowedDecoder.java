package dev.megalodon.trainer.tokenizer;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Decodes token by token with a function that decodes lists of them. The text of a token may depend
 * on the one before (a space, or the rest of a character), so the tokens that were shown last are
 * decoded with and without the new ones, and what the new ones add is shown.
 */
final class WindowedDecoder implements TextDecoder {
  // A character takes at most four tokens; more that do not make one never will.
  private static final int MOST_HELD = 16;

  private final Function<long[], String> decode;
  private final List<Integer> shown = new ArrayList<>();
  private final List<Integer> held = new ArrayList<>();

  WindowedDecoder(Function<long[], String> decode) {
    this.decode = decode;
  }

  @Override
  public String accept(int token) {
    held.add(token);
    String text = added();
    boolean open = text.isEmpty() || text.endsWith("\uFFFD");
    return open && held.size() < MOST_HELD ? "" : show(text);
  }

  @Override
  public String finish() {
    String text = added();
    shown.clear();
    held.clear();
    return text;
  }

  private String show(String text) {
    shown.clear();
    shown.addAll(held);
    held.clear();
    return text;
  }

  /** What the held tokens add to the text of those shown before. */
  private String added() {
    List<Integer> all = new ArrayList<>(shown);
    all.addAll(held);
    String before = decode.apply(ids(shown));
    String whole = decode.apply(ids(all));
    return whole.startsWith(before) ? whole.substring(before.length()) : decode.apply(ids(held));
  }

  private static long[] ids(List<Integer> tokens) {
    return tokens.stream().mapToLong(Integer::longValue).toArray();
  }
}
