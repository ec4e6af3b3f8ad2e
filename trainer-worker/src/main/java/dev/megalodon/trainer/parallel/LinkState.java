package dev.megalodon.trainer.parallel;

/** How far one link is; states only ever advance. */
public enum LinkState {
  /** The other end is not there yet. */
  CONNECTING,
  /** Both ends are there. */
  OPEN,
  /** The other end was there and is gone, or this end was closed. */
  CLOSED
}
