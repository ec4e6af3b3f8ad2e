package dev.megalodon.trainer.parallel.cost;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How the state that timestep norm and CEMA carry crosses from slice to slice. Results differ in
 * their last bits, so a job that must repeat its bits keeps to one and records its {@link #text}.
 */
public enum ChunkExchange {
  /** Every rank tells all others what its slice does to the state; each combines for itself. */
  ALL_GATHER("allGather"),
  /** Every rank waits for the state of the rank before it. */
  WAVEFRONT("wavefront");

  private final String text;

  ChunkExchange(String text) {
    this.text = text;
  }

  /** Its name in plans, logs and specs; never changes. */
  public String text() {
    return text;
  }

  /**
   * The exchange of this name.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static ChunkExchange of(String text) {
    return Arrays.stream(values())
        .filter(exchange -> exchange.text.equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no chunk exchange is called \"%s\": use one of %s"
                        .formatted(
                            text,
                            Arrays.stream(values())
                                .map(ChunkExchange::text)
                                .collect(Collectors.joining(", ")))));
  }
}
