package dev.megalodon.trainer.parallel;

/** What the time of a step goes into; each moment of a step counts for exactly one. */
public enum TimedPhase {
  /** Reading tokens and making batches of them. */
  DATA,
  /** The forward pass and the loss. */
  FORWARD,
  /** The backward pass, with what recomputation runs again of the forward pass. */
  BACKWARD,
  /** Exchanges with other ranks, wherever in the step, and waiting for them. */
  COMMUNICATION,
  /** Clearing gradients, their norm, and the update of parameters. */
  OPTIMIZER
}
