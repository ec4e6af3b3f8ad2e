package dev.megalodon.trainer.parallel;

import java.util.Optional;

/** What an operation waits for, and how it gets on. */
interface Exchange {
  /** Whether everything was sent and received. */
  boolean finished();

  /** Sends and receives what is possible without waiting; returns how many messages that were. */
  int move();

  /**
   * Which peer the exchange cannot finish without and is gone, as "rank 1 stopped sending". What
   * arrived before a peer went is taken first.
   */
  Optional<String> missingPeer();

  /** How far it is, in bytes and by peer. */
  String progress();
}
