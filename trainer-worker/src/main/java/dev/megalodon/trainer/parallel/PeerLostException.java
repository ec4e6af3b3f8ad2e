package dev.megalodon.trainer.parallel;

/** A collective cannot finish: a peer is gone or silent, or this rank was told to stop. */
public final class PeerLostException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Says which peer, in which operation, and what was waited for. */
  public PeerLostException(String message) {
    super(message);
  }
}
