package dev.megalodon.trainer.parallel;

/**
 * Ordered, reliable one-way message streams between the ranks of one epoch. A message of another
 * epoch or from another process never arrives on them. All methods of a transport and of its links
 * are called by one thread.
 */
public interface Transport extends AutoCloseable {
  /** The stream of {@code lane} from this rank to {@code peer}. */
  Outbound outbound(Lane lane, int peer);

  /** The stream of {@code lane} from {@code peer} to this rank. */
  Inbound inbound(Lane lane, int peer);

  /** Closes all links; peers see them as {@link LinkState#CLOSED}. */
  @Override
  void close();
}
