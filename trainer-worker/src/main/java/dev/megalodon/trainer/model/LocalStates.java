package dev.megalodon.trainer.model;

import dev.megalodon.kernels.Cema;
import dev.megalodon.kernels.Tensor;
import dev.megalodon.kernels.TimestepNorm;

/** The piece is all there is: states and gradients are what the caller gives. */
final class LocalStates implements StateExchange {
  @Override
  public void bringNorm(Tensor x, TimestepNorm.State in) {}

  @Override
  public void passNorm(TimestepNorm.State out) {}

  @Override
  public Arrival beginAverage(
      Tensor t, Cema.Parameters parameters, Cema.Coefficients coefficients, Tensor in) {
    return Arrival.HERE;
  }

  @Override
  public void passAverage(Tensor out) {}

  @Override
  public Arrival beginAverageGradient(Tensor dy, Cema.Coefficients coefficients, Tensor dStateOut) {
    return Arrival.HERE;
  }

  @Override
  public void passAverageGradient(Tensor dStateIn) {}

  @Override
  public Arrival beginNormGradient(NormPass pass, TimestepNorm.StateGradient dStateOut) {
    return Arrival.HERE;
  }

  @Override
  public void passNormGradient(TimestepNorm.StateGradient dStateIn) {}
}
