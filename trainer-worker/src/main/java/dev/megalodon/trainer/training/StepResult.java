package dev.megalodon.trainer.training;

/**
 * One finished step.
 *
 * @param loss mean over the global batch, nats per token, before the update
 * @param gradientNorm global norm before clipping
 * @param learningRate of the update
 */
record StepResult(double loss, double gradientNorm, double learningRate) {}
